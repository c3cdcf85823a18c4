// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cache/store/extent.h"
#include "cache/store/record.h"
#include "cache/store/store_types.h"
#include "vo/base/byte_range.h"

namespace platefs::cache {

class Store;

/// Caches below one's own (FORMAT.md, "Published caches"): opened to look at them, never changed. The first that has
/// what is looked for gives it. Their objects have ids that no other object has: the number of the base, from 1, stands
/// in bits 56 to 62, where ids of one's own never come. Thread-safe, as the const members of Store are.
class BaseStores {
 public:
  /// Opens those that `options` names. Throws Error{LocalIo} naming the one that can't be read, and Error{Rejected}
  /// for one that is the cache itself, or is named twice: LMDB must not open a file twice.
  explicit BaseStores(const StoreOptions& options);
  ~BaseStores();
  BaseStores(const BaseStores&) = delete;
  BaseStores& operator=(const BaseStores&) = delete;

  static constexpr bool has_id(ObjectId id) { return (id >> kShift & kMost) != 0 && id >> (kShift + 7) == 0; }
  bool empty() const { return stores_.empty(); }

  /// The object of the first base that holds some of it.
  std::optional<ObjectInfo> object(std::string_view key) const;
  /// The same of one version: another base may hold another one.
  std::optional<ObjectInfo> object_like(std::string_view key, std::uint64_t size, const Validators& validators) const;
  std::optional<ObjectInfo> object(ObjectId id) const;
  std::optional<std::uint32_t> version(std::string_view key) const;
  std::vector<vo::ByteRange> held(ObjectId id) const;
  std::optional<Extent> read(ObjectId id, vo::ByteRange range) const;
  std::optional<Extent> on_disk(ObjectId id, vo::ByteRange range) const;
  std::shared_ptr<const void> hold(ObjectId id) const;

  /// Of the bases that have it the first whose is not out of date at `now`, else the first.
  std::optional<Document> document(std::string_view key, std::int64_t now) const;
  std::optional<Document> document_times(std::string_view key, std::int64_t now) const;
  bool has_document(std::string_view key) const;
  std::vector<std::string> document_keys(std::string_view prefix) const;
  std::map<std::string, std::string> names(std::string_view group) const;

 private:
  static constexpr unsigned kShift = 56;
  static constexpr ObjectId kMost = 0x7f;  ///< bases
  static ObjectInfo with_id(std::size_t number, ObjectInfo info);
  /// Null: there is no base of that number.
  const Store* of(ObjectId id) const;
  static ObjectId inner(ObjectId id) { return id & ((ObjectId{1} << kShift) - 1); }

  std::vector<std::unique_ptr<Store>> stores_;
};

}  // namespace platefs::cache
