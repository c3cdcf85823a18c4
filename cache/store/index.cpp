// SPDX-License-Identifier: BSD-3-Clause
#include "cache/store/index.h"

#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>
#include <array>

namespace platefs::cache {
namespace {

enum Table : std::size_t { kMeta, kKeys, kObjects, kChunks, kRecency, kDocuments, kNames, kDocumentRecency };
constexpr std::array<const char*, kTables> kTableNames = {"meta",    "keys",      "objects", "chunks",
                                                          "recency", "documents", "names",   "document_recency"};

/// LMDB takes keys of 1 to 511 bytes. A longer one (publisher DIDs have no limit) is cut, with a hash of
/// the whole behind it.
std::string fitting(std::string_view key) {
  constexpr std::size_t kLongest = 480, kKept = 440;
  if (key.empty()) return std::string(1, '\0');
  if (key.size() <= kLongest) return std::string(key);
  const auto hash = XXH3_128bits(key.data(), key.size());
  return fmt::format("{}#{:016x}{:016x}", key.substr(0, kKept), hash.high64, hash.low64);
}

std::string chunk_key(ObjectId id, std::uint64_t number) { return number_key(id) + number_key(number); }

std::string recency_key(const ObjectRecord& record, ObjectId id) {
  return number_key(static_cast<std::uint64_t>(record.last_use)) + number_key(id);
}

/// Times before 1970 come first, as everything that old.
std::uint64_t order_of(std::int64_t last_use) {
  return static_cast<std::uint64_t>(std::max<std::int64_t>(last_use, 0));
}

/// What a document takes: large ones have pages of their own.
std::uint64_t room_of(std::string_view key, std::string_view record) {
  constexpr std::uint64_t kPage = 4096, kHeader = 16, kLargest = 2000;
  const std::uint64_t bytes = key.size() * 2 + record.size() + kHeader * 3;
  return bytes <= kLargest ? bytes : (bytes + kPage - 1) / kPage * kPage;
}

}  // namespace

std::optional<KeyRecord> IndexView::key(std::string_view key) const {
  const auto bytes = txn_.get(kKeys, fitting(key));
  auto record = bytes ? decode_key(*bytes) : std::nullopt;
  return record && record->key == key ? record : std::nullopt;
}

std::optional<ObjectRecord> IndexView::object(ObjectId id) const {
  const auto bytes = txn_.get(kObjects, number_key(id));
  return bytes ? decode_object(*bytes) : std::nullopt;
}

std::optional<ChunkRecord> IndexView::chunk(ObjectId id, std::uint64_t number) const {
  const auto bytes = txn_.get(kChunks, chunk_key(id, number));
  return bytes ? decode_chunk(*bytes) : std::nullopt;
}

std::vector<std::pair<std::uint64_t, ChunkRecord>> IndexView::chunks(ObjectId id) const {
  std::vector<std::pair<std::uint64_t, ChunkRecord>> found;
  LmdbCursor cursor(txn_, kChunks);
  for (auto at = cursor.seek(number_key(id)); at && number_of_key(at->key) == id; at = cursor.next()) {
    if (auto record = decode_chunk(at->value)) found.emplace_back(number_of_key(at->key.substr(8)), *record);
  }
  return found;
}

void IndexView::by_recency(std::int64_t now, const std::function<bool(ObjectId)>& visit) const {
  constexpr std::int64_t kClocksDifferSeconds = 300;
  const auto future = number_key(static_cast<std::uint64_t>(now + kClocksDifferSeconds));
  LmdbCursor cursor(txn_, kRecency);
  for (auto at = cursor.seek(future); at; at = cursor.next()) {
    if (at->key.size() == 16 && !visit(number_of_key(at->key.substr(8)))) return;
  }
  for (auto at = cursor.seek({}); at && at->key < future; at = cursor.next()) {
    if (at->key.size() == 16 && !visit(number_of_key(at->key.substr(8)))) return;
  }
}

void IndexView::each_pinned(const std::function<void(ObjectId, const ObjectRecord&)>& visit) const {
  if (txn_.entries(kRecency) == txn_.entries(kObjects)) return;
  LmdbCursor cursor(txn_, kObjects);
  for (auto at = cursor.seek({}); at; at = cursor.next()) {
    const auto record = decode_object(at->value);
    if (record && record->pinned) visit(number_of_key(at->key), *record);
  }
}

std::vector<std::pair<std::int64_t, ObjectId>> IndexView::objects_by_use() const {
  std::vector<std::pair<std::int64_t, ObjectId>> found;
  found.reserve(object_count());
  {
    LmdbCursor cursor(txn_, kRecency);
    for (auto at = cursor.seek({}); at; at = cursor.next()) {
      if (at->key.size() != 16) continue;
      found.emplace_back(static_cast<std::int64_t>(number_of_key(at->key)), number_of_key(at->key.substr(8)));
    }
  }
  each_pinned([&](ObjectId id, const ObjectRecord& record) { found.emplace_back(record.last_use, id); });
  std::ranges::sort(found);
  return found;
}

PinnedUsage IndexView::pinned() const {
  PinnedUsage usage;
  each_pinned([&](ObjectId, const ObjectRecord& record) {
    ++usage.number;
    usage.bytes += record.held_bytes;
  });
  return usage;
}

std::optional<Document> IndexView::document(std::string_view key) const {
  const auto bytes = txn_.get(kDocuments, fitting(key));
  return bytes ? decode_document(*bytes) : std::nullopt;
}

std::optional<Document> IndexView::document_times(std::string_view key) const {
  const auto bytes = txn_.get(kDocuments, fitting(key));
  return bytes ? decode_document_times(*bytes) : std::nullopt;
}

std::vector<std::string> IndexView::document_keys(std::string_view prefix) const {
  std::vector<std::string> found;
  LmdbCursor cursor(txn_, kDocuments);
  for (auto at = cursor.seek(prefix); at && at->key.starts_with(prefix); at = cursor.next()) {
    const auto times = decode_document_times(at->value);
    if (!times || !is_tombstone(*times)) found.emplace_back(at->key);
  }
  return found;
}

Names IndexView::names(std::string_view group) const {
  const auto bytes = txn_.get(kNames, fitting(group));
  return bytes ? decode_names(*bytes).value_or(Names{}) : Names{};
}

std::uint64_t IndexView::number(std::string_view name) const {
  return number_of_key(txn_.get(kMeta, name).value_or(""));
}

std::uint64_t IndexView::sum_of_numbers(std::string_view prefix) const {
  std::uint64_t sum = 0;
  LmdbCursor cursor(txn_, kMeta);
  for (auto at = cursor.seek(prefix); at && at->key.starts_with(prefix); at = cursor.next()) {
    sum += number_of_key(at->value);
  }
  return sum;
}

std::uint64_t IndexView::object_count() const { return txn_.entries(kObjects); }
std::uint64_t IndexView::document_count() const { return txn_.entries(kDocuments); }

void IndexChange::put_key(const KeyRecord& record) { txn_.put(kKeys, fitting(record.key), encode(record)); }

void IndexChange::put_object(ObjectId id, const ObjectRecord& record) {
  if (const auto old = object(id)) txn_.remove(kRecency, recency_key(*old, id));
  txn_.put(kObjects, number_key(id), encode(record));
  if (!record.pinned) txn_.put(kRecency, recency_key(record, id), {});
}

void IndexChange::put_chunk(ObjectId id, std::uint64_t number, const ChunkRecord& record) {
  if (record.held == 0) {
    txn_.remove(kChunks, chunk_key(id, number));
  } else {
    txn_.put(kChunks, chunk_key(id, number), encode(record));
  }
}

std::uint64_t IndexChange::remove_object(ObjectId id) {
  const auto record = object(id);
  if (!record) return 0;
  for (const auto& [number, chunk] : chunks(id)) txn_.remove(kChunks, chunk_key(id, number));
  txn_.remove(kRecency, recency_key(*record, id));
  txn_.remove(kObjects, number_key(id));
  if (auto of_key = key(record->key); of_key && of_key->present == id) {
    of_key->present = 0;
    put_key(*of_key);
  }
  return record->held_bytes;
}

void IndexChange::put_document(std::string_view key, std::string_view record) {
  const auto name = fitting(key);
  forget_document(name);
  const auto times = decode_document_times(record);
  txn_.put(kDocuments, name, record);
  txn_.put(kDocumentRecency, number_key(order_of(times ? times->last_use : 0)) + name,
           number_key(room_of(name, record)));
  add("document_bytes", static_cast<std::int64_t>(room_of(name, record)));
}

void IndexChange::remove_document(std::string_view key) { forget_document(fitting(key)); }

void IndexChange::forget_document(std::string_view name) {
  const auto record = txn_.get(kDocuments, name);
  if (!record) return;
  const auto room = room_of(name, *record);
  // A record that is damaged tells no last use: its place in the order is found empty and goes in its turn.
  const auto known = decode_document(*record);
  txn_.remove(kDocuments, name);
  if (known) txn_.remove(kDocumentRecency, number_key(order_of(known->last_use)) + std::string(name));
  add("document_bytes", -static_cast<std::int64_t>(room));
}

void IndexChange::trim_documents(std::uint64_t most, std::int64_t long_ago) {
  constexpr int kLooksForOld = 16;
  std::string from;
  for (int looks = 0;; ++looks) {
    const bool too_many = document_bytes() > most;
    if (!too_many && looks >= kLooksForOld) return;
    if (too_many) from.clear();
    std::string place;
    {
      LmdbCursor cursor(txn_, kDocumentRecency);
      const auto next = cursor.seek(from);
      if (!next || next->key.size() < 8) return;
      place = next->key;
    }
    const auto name = place.substr(8);
    const auto last_use = number_of_key(place);
    if (!too_many) {
      if (last_use >= order_of(long_ago)) return;
      const auto known = document(name);
      if (known && known->expires_at >= long_ago) {
        from = place + '\0';
        continue;
      }
    }
    txn_.remove(kDocumentRecency, place);
    const auto record = txn_.get(kDocuments, name);
    const auto known = record ? decode_document(*record) : std::nullopt;
    if (record && (!known || order_of(known->last_use) == last_use)) forget_document(name);
  }
}

void IndexChange::put_names(std::string_view group, const Names& names) {
  txn_.put(kNames, fitting(group), encode(names));
}

void IndexChange::put_number(std::string_view name, std::uint64_t value) { txn_.put(kMeta, name, number_key(value)); }

void IndexChange::remove_number(std::string_view name) { txn_.remove(kMeta, name); }

void IndexChange::add(std::string_view name, std::int64_t difference) {
  const auto old = number(name);
  const auto magnitude =
      difference < 0 ? -static_cast<std::uint64_t>(difference) : static_cast<std::uint64_t>(difference);
  put_number(name, difference >= 0 ? old + magnitude : old - std::min(old, magnitude));
}

std::unique_ptr<LmdbEnv> open_index(const std::filesystem::path& file, LmdbEnv::Mode mode) {
  return std::make_unique<LmdbEnv>(file, kTableNames, mode);
}

void change_index(LmdbEnv& env, const std::function<void(IndexChange&)>& change) {
  for (;;) {
    try {
      IndexChange txn(env);
      change(txn);
      txn.commit();
      return;
    } catch (const LmdbError& problem) {
      if (!problem.map_is_full()) throw;
    }
    env.grow();
  }
}

}  // namespace platefs::cache
