// SPDX-License-Identifier: BSD-3-Clause
#include "cache/store/base_stores.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <utility>

#include "cache/store/store.h"

namespace platefs::cache {
namespace {

namespace stdfs = std::filesystem;

bool is_same_index(const stdfs::path& one, const stdfs::path& other) {
  std::error_code missing;
  return stdfs::equivalent(one / "index.mdb", other / "index.mdb", missing) && !missing;
}

void refuse_the_same(const StoreOptions& options) {
  auto others = std::vector{options.directory};
  for (const auto& base : options.bases) {
    const auto same = std::ranges::find_if(others, [&](const auto& other) { return is_same_index(base, other); });
    if (same != others.end()) {
      throw vo::Error(vo::ErrorKind::Rejected,
                      fmt::format("the cache base {} is the cache in {}: leave it out", base.string(), same->string()));
    }
    others.push_back(base);
  }
}

StoreOptions options_of_base(const StoreOptions& options, const stdfs::path& directory) {
  return {.directory = directory,
          .access = StoreOptions::Access::ReadOnly,
          .quota = options.quota,
          .now = options.now,
          .warn = options.warn,
          .open_files = options.open_files};
}

std::unique_ptr<Store> opened(const StoreOptions& options) {
  try {
    return std::make_unique<Store>(options);
  } catch (const vo::Error& error) {
    throw vo::Error(error.kind(), fmt::format("{}; mend it, or leave it out of --cache-base", error.message()));
  }
}

/// `look` at each store for a document.
template <typename Look>
std::optional<Document> best_of(const std::vector<std::unique_ptr<Store>>& stores, std::int64_t now, const Look& look) {
  std::optional<Document> first;
  for (const auto& store : stores) {
    auto found = look(*store);
    if (found && is_in_date(*found, now)) return found;
    if (!first) first = std::move(found);
  }
  return first;
}

}  // namespace

BaseStores::BaseStores(const StoreOptions& options) {
  if (options.bases.size() > kMost) throw vo::Error(vo::ErrorKind::Rejected, "there are more than 127 cache bases");
  refuse_the_same(options);
  for (const auto& base : options.bases) stores_.push_back(opened(options_of_base(options, base)));
}

BaseStores::~BaseStores() = default;

const Store* BaseStores::of(ObjectId id) const {
  const auto number = id >> kShift;
  return has_id(id) && number <= stores_.size() ? stores_[number - 1].get() : nullptr;
}

ObjectInfo BaseStores::with_id(std::size_t number, ObjectInfo info) {
  info.id |= static_cast<ObjectId>(number + 1) << kShift;
  return info;
}

std::optional<ObjectInfo> BaseStores::object(std::string_view key) const {
  for (std::size_t i = 0; i < stores_.size(); ++i) {
    if (auto found = stores_[i]->object(key)) return with_id(i, *std::move(found));
  }
  return std::nullopt;
}

std::optional<ObjectInfo> BaseStores::object_like(std::string_view key, std::uint64_t size,
                                                  const Validators& validators) const {
  ObjectFacts wanted;
  wanted.size = size;
  wanted.validators = validators;
  for (std::size_t i = 0; i < stores_.size(); ++i) {
    auto found = stores_[i]->object(key);
    if (found && is_same_version(found->facts, wanted)) return with_id(i, *std::move(found));
  }
  return std::nullopt;
}

std::optional<ObjectInfo> BaseStores::object(ObjectId id) const {
  const auto* const store = of(id);
  auto found = store != nullptr ? store->object(inner(id)) : std::nullopt;
  if (found) found->id = id;
  return found;
}

std::optional<std::uint32_t> BaseStores::version(std::string_view key) const {
  for (const auto& store : stores_) {
    if (store->object(key)) return store->version(key);
  }
  return std::nullopt;
}

std::vector<vo::ByteRange> BaseStores::held(ObjectId id) const {
  const auto* const store = of(id);
  return store != nullptr ? store->held(inner(id)) : std::vector<vo::ByteRange>{};
}

std::optional<Extent> BaseStores::read(ObjectId id, vo::ByteRange range) const {
  const auto* const store = of(id);
  return store != nullptr ? store->read(inner(id), range) : std::nullopt;
}

std::optional<Extent> BaseStores::on_disk(ObjectId id, vo::ByteRange range) const {
  const auto* const store = of(id);
  return store != nullptr ? store->on_disk(inner(id), range) : std::nullopt;
}

std::shared_ptr<const void> BaseStores::hold(ObjectId id) const {
  const auto* const store = of(id);
  return store != nullptr ? store->hold(inner(id)) : nullptr;
}

std::optional<Document> BaseStores::document(std::string_view key, std::int64_t now) const {
  return best_of(stores_, now, [key](const Store& store) { return store.document(key); });
}

std::optional<Document> BaseStores::document_times(std::string_view key, std::int64_t now) const {
  return best_of(stores_, now, [key](const Store& store) { return store.document_times(key); });
}

bool BaseStores::has_document(std::string_view key) const {
  return std::ranges::any_of(stores_, [key](const auto& store) { return store->document_times(key).has_value(); });
}

std::vector<std::string> BaseStores::document_keys(std::string_view prefix) const {
  std::vector<std::string> keys;
  for (const auto& store : stores_) std::ranges::move(store->document_keys(prefix), std::back_inserter(keys));
  std::ranges::sort(keys);
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  return keys;
}

std::map<std::string, std::string> BaseStores::names(std::string_view group) const {
  for (const auto& store : stores_) {
    if (auto names = store->names(group); !names.empty()) return names;
  }
  return {};
}

}  // namespace platefs::cache
