// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cache/store/lmdb_env.h"
#include "cache/store/record.h"

namespace platefs::cache {

/// The index as of one transaction: LMDB's tables with their records' types. A record that fails its
/// checksum is as good as absent.
class IndexView {
 public:
  explicit IndexView(const LmdbEnv& env) : IndexView(env, LmdbTxn::Mode::Read) {}

  std::optional<KeyRecord> key(std::string_view key) const;
  std::optional<ObjectRecord> object(ObjectId id) const;
  std::optional<ChunkRecord> chunk(ObjectId id, std::uint64_t number) const;
  std::vector<std::pair<std::uint64_t, ChunkRecord>> chunks(ObjectId id) const;
  /// Unpinned ones, least recently used first, as long as `visit` says true. Those that were used later than
  /// `now` come before: the clock was wrong then, and nothing tells when it was.
  void by_recency(std::int64_t now, const std::function<bool(ObjectId)>& visit) const;
  /// Last use and id of all objects, in that order: 16 bytes each.
  std::vector<std::pair<std::int64_t, ObjectId>> objects_by_use() const;
  /// Of those that stay whatever needs room: how many, and the bytes they hold.
  PinnedUsage pinned() const;
  std::optional<Document> document(std::string_view key) const;
  std::optional<Document> document_times(std::string_view key) const;  ///< without its bytes, its seal not looked at
  std::vector<std::string> document_keys(std::string_view prefix) const;
  Names names(std::string_view group) const;
  std::uint64_t number(std::string_view name) const;  ///< of the table "meta"; 0 if it is not there
  std::uint64_t sum_of_numbers(std::string_view prefix) const;
  std::uint64_t object_count() const;
  std::uint64_t document_count() const;
  std::uint64_t document_bytes() const { return number("document_bytes"); }  ///< as they lie in the index

 protected:
  IndexView(const LmdbEnv& env, LmdbTxn::Mode mode) : txn_(env, mode) {}
  LmdbTxn txn_;

 private:
  /// `visit` with each pinned object; a walk through all of them, unless there is none.
  void each_pinned(const std::function<void(ObjectId, const ObjectRecord&)>& visit) const;
};

/// A change of the index; nothing of it happened until commit().
class IndexChange : public IndexView {
 public:
  explicit IndexChange(const LmdbEnv& env) : IndexView(env, LmdbTxn::Mode::Write) {}

  void put_key(const KeyRecord& record);
  void put_object(ObjectId id, const ObjectRecord& record);  ///< keeps the order of recency right
  void put_chunk(ObjectId id, std::uint64_t number, const ChunkRecord& record);
  /// With its chunks; its key stays, saying that nothing is held. Returns the bytes it held.
  std::uint64_t remove_object(ObjectId id);
  void put_document(std::string_view key, std::string_view record);  ///< as encoded; its last use orders it
  void remove_document(std::string_view key);
  /// Removes documents, least recently used first, until they take `most` bytes at the most; and some of
  /// those that were not used and out of date before `long_ago`.
  void trim_documents(std::uint64_t most, std::int64_t long_ago);
  void put_names(std::string_view group, const Names& names);
  void put_number(std::string_view name, std::uint64_t value);
  void remove_number(std::string_view name);
  void add(std::string_view name, std::int64_t difference);  ///< to a number; stops at 0
  void commit() { txn_.commit(); }

 private:
  void forget_document(std::string_view fitted_key);
};

/// Opens the index; see LmdbEnv.
std::unique_ptr<LmdbEnv> open_index(const std::filesystem::path& file, LmdbEnv::Mode mode = LmdbEnv::Mode::ReadWrite);

/// Runs `change` in one transaction and commits; with a larger map again when it was full, so it must
/// not touch anything but the IndexChange. Throws LmdbError.
void change_index(LmdbEnv& env, const std::function<void(IndexChange&)>& change);

}  // namespace platefs::cache
