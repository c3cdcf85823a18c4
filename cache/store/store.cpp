// SPDX-License-Identifier: BSD-3-Clause
#include "cache/store/store.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>

#include "cache/store/store_impl.h"

namespace platefs::cache {

void copy_extent(const Extent& extent, std::span<std::byte> out) {
  if (extent.fd < 0) {
    for (auto* at = out.data(); const auto& piece : extent.memory) {
      std::memcpy(at, piece.data(), piece.size());
      at += piece.size();
    }
    return;
  }
  std::size_t done = 0;
  while (done < out.size()) {
    const auto got = ::pread(extent.fd, out.data() + done, out.size() - done, static_cast<off_t>(extent.offset + done));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) {
      if (extent.file != nullptr) extent.file->note_failure();
      throw vo::Error{vo::ErrorKind::LocalIo,
                      fmt::format("reading the cache: {}", got < 0 ? std::strerror(errno) : "unexpected end")};
    }
    done += static_cast<std::size_t>(got);
  }
}

namespace {

constexpr std::size_t kMostUnkeptNames = 4096;

/// Documents that can't be written stay in memory as far as there is room: the oldest go.
void shed(PendingDocuments& documents) {
  constexpr std::size_t kMostBytes = 32u << 20;
  std::size_t bytes = 0;
  std::vector<std::pair<std::int64_t, std::string>> by_age;
  const auto room_of = [](const auto& entry) {
    return entry.first.size() + (entry.second ? entry.second->size() : 0) + 128;
  };
  for (const auto& entry : documents) bytes += room_of(entry);
  if (bytes <= kMostBytes) return;
  for (const auto& [key, record] : documents) {
    const auto times = record ? decode_document_times(*record) : std::nullopt;
    by_age.emplace_back(times ? times->fetched_at : 0, key);
  }
  std::ranges::sort(by_age);
  for (const auto& [age, key] : by_age) {
    if (bytes <= kMostBytes / 2) return;  // not one by one
    const auto gone = documents.find(key);
    bytes -= room_of(*gone);
    documents.erase(gone);
  }
}

}  // namespace

Store::Store(StoreOptions options) : impl_(std::make_unique<Impl>(std::move(options))) {}
Store::~Store() = default;

std::optional<ObjectInfo> Store::object(std::string_view key) const { return impl_->present(key); }
std::optional<ObjectInfo> Store::object(ObjectId id) const { return impl_->info(id); }
std::vector<vo::ByteRange> Store::held(ObjectId id) const { return impl_->held(id); }
std::optional<Extent> Store::read(ObjectId id, vo::ByteRange range) const { return impl_->read(id, range); }
std::optional<Extent> Store::on_disk(ObjectId id, vo::ByteRange range) const { return impl_->on_disk(id, range); }
std::shared_ptr<const void> Store::hold(ObjectId id) const { return impl_->hold(id); }
std::uint32_t Store::version(std::string_view key) const {
  const auto known = impl_->key(key);
  return known && known->version != 0 ? known->version : 1;
}

void Store::touch(ObjectId id) const {
  if (!BaseStores::has_id(id)) impl_->state.lock()->touches[id] = impl_->now();
}

ObjectInfo Store::create(std::string_view key, const ObjectFacts& facts) { return impl_->create(key, facts); }
ObjectId Store::stage(std::string_view key) { return impl_->stage(key); }
ObjectInfo Store::publish(ObjectId staged, const ObjectFacts& facts) { return impl_->publish(staged, facts); }
void Store::discard(ObjectId staged) { impl_->discard(staged); }
void Store::put(ObjectId id, std::uint64_t offset, std::span<const std::byte> bytes) {
  impl_->put(id, offset, bytes, nullptr);
}

void Store::put(ObjectId id, std::uint64_t offset, const SharedBytes& bytes) { impl_->put(id, offset, *bytes, bytes); }

bool Store::is_passing_through() const {
  constexpr auto kLately = std::chrono::seconds(10);
  const WriteAccess::Clock::duration last(impl_->passed_through_at.load());
  return last.count() != INT64_MIN && WriteAccess::Clock::now().time_since_epoch() - last < kLately;
}

void Store::commit() {
  if (has_uncommitted() || (impl_->may_write() && !impl_->state.lock()->touches.empty())) return impl_->commit();
  impl_->close_idle();
}

bool Store::is_refused() const { return !impl_->may_write(); }

bool Store::has_uncommitted() const {
  if (!impl_->may_write()) return false;
  const auto state = impl_->state.lock();
  return !state->dirty.empty() || !state->keys.empty() || !state->removed.empty() || !state->documents.empty();
}

bool Store::is_commit_due() const {
  constexpr std::uint64_t kMostBytes = 16ull << 20, kMostBytesOfDocuments = 1ull << 20;
  const auto state = impl_->state.lock();
  return state->fresh_bytes >= kMostBytes || state->document_bytes >= kMostBytesOfDocuments;
}

BufferPool& Store::pool() const { return impl_->pool; }

std::optional<Document> Store::document(std::string_view key) const {
  if (const auto pending = impl_->pending_document(key)) {
    return *pending ? decode_document(**pending) : std::nullopt;
  }
  auto found =
      impl_->from_index([key](const IndexView& index) { return index.document(key); }, std::optional<Document>{});
  if (found) impl_->note_use(key, *found);
  return impl_->or_of_base(std::move(found), [&](std::int64_t now) { return impl_->bases.document(key, now); });
}

std::optional<Document> Store::document_times(std::string_view key) const {
  if (const auto pending = impl_->pending_document(key)) {
    return *pending ? decode_document_times(**pending) : std::nullopt;
  }
  auto found =
      impl_->from_index([key](const IndexView& index) { return index.document_times(key); }, std::optional<Document>{});
  if (found) impl_->note_use(key, *found);
  return impl_->or_of_base(std::move(found), [&](std::int64_t now) { return impl_->bases.document_times(key, now); });
}

PackedDocument Store::packed(Document document) const {
  document.last_use = impl_->now();
  return {encode(document)};
}

void Store::put_packed(std::string_view key, PackedDocument document) {
  auto record = std::make_shared<const std::string>(std::move(document.record));
  const auto state = impl_->state.lock();
  state->fresh_bytes += record->size();
  state->document_bytes += record->size();
  state->documents[std::string(key)] = std::move(record);
  if (!impl_->may_write()) shed(state->documents);
}

void Store::remove_document(std::string_view key) { impl_->state.lock()->documents[std::string(key)] = nullptr; }

std::vector<std::string> Store::document_keys(std::string_view prefix) const {
  auto keys = impl_->from_index([prefix](const IndexView& index) { return index.document_keys(prefix); },
                                std::vector<std::string>{});
  for (auto& key : impl_->bases.document_keys(prefix)) {
    // The same key, as it was cut to fit, where it is in both; and not one that was removed here.
    if (document_times(key)) keys.push_back(std::move(key));
  }
  const auto state = impl_->state.lock();
  for (auto at = state->documents.lower_bound(prefix); at != state->documents.end() && at->first.starts_with(prefix);
       ++at) {
    std::erase(keys, at->first);
    if (at->second) keys.push_back(at->first);
  }
  std::ranges::sort(keys);
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  return keys;
}

std::map<std::string, std::string> Store::names(std::string_view group) const {
  {
    const auto state = impl_->state.lock();
    if (const auto known = state->unkept_names.find(group); known != state->unkept_names.end()) return known->second;
  }
  auto own = impl_->from_index([group](const IndexView& index) { return index.names(group); }, Names{});
  return own.empty() ? impl_->bases.names(group) : own;
}

std::map<std::string, std::string> Store::update_names(
    std::string_view group, const std::function<void(std::map<std::string, std::string>&)>& change) {
  if (!impl_->may_write() || impl_->state.lock()->unkept_names.contains(group)) {
    // Names that were given stay, also when the index can be written again.
    auto unkept = names(group);
    change(unkept);
    const auto state = impl_->state.lock();
    if (state->unkept_names.size() >= kMostUnkeptNames) state->unkept_names.erase(state->unkept_names.begin());
    state->unkept_names[std::string(group)] = unkept;
    return unkept;
  }
  Names names;
  impl_->change([&](IndexChange& index) {
    names = index.names(group);
    const auto before = names.size();
    if (names.empty()) names = impl_->bases.names(group);
    change(names);
    if (names.size() != before) index.put_names(group, names);
  });
  return names;
}

StoreUsage Store::usage() const {
  const auto fresh = impl_->state.lock()->fresh_bytes;  // counted as reserved until they are committed
  return impl_->from_index(
      [&](const IndexView& index) {
        // What any process has reserved and not filled yet counts against the quota, but holds nothing.
        const auto used = index.number("used"), empty = index.sum_of_numbers(kReserved);
        return StoreUsage{std::min(used, used - std::min(used, empty) + fresh),
                          impl_->options.quota,
                          index.object_count(),
                          index.document_count(),
                          index.document_bytes(),
                          impl_->env->used_bytes()};
      },
      StoreUsage{0, impl_->options.quota, 0, 0, 0, 0});
}

TableUsage Store::table_usage() const { return impl_->directory.table_usage(); }

namespace {

constexpr std::size_t kAtOnce = 512;  // objects in one transaction

/// `work` on some of them after the others.
template <typename Work>
void in_parts(std::span<const ObjectId> ids, const Work& work) {
  for (; !ids.empty(); ids = ids.subspan(std::min(kAtOnce, ids.size()))) work(ids.first(std::min(kAtOnce, ids.size())));
}

}  // namespace

void Store::set_pinned(std::span<const ObjectId> ids, bool pinned) {
  impl_->commit();
  in_parts(ids, [&](std::span<const ObjectId> some) {
    impl_->change([&](IndexChange& index) {
      for (const auto id : some) {
        auto record = index.object(id);
        if (!record || record->pinned == pinned) continue;
        record->pinned = pinned;
        index.put_object(id, *record);
      }
    });
    impl_->env->release();
  });
}

PinnedUsage Store::pinned_usage() const {
  const auto usage = impl_->from_index([](const IndexView& index) { return index.pinned(); }, PinnedUsage{});
  if (impl_->env) impl_->env->release();
  return usage;
}

void Store::evict(std::span<const ObjectId> ids) {
  impl_->commit();
  in_parts(ids, [&](std::span<const ObjectId> some) {
    impl_->change([&](IndexChange& index) {
      for (const auto id : some) index.add("used", -static_cast<std::int64_t>(index.remove_object(id)));
    });
    for (const auto id : some) impl_->remove_now(id);
    impl_->env->release();
  });
}

std::vector<ObjectId> Store::object_ids() const {
  using Found = std::vector<std::pair<std::int64_t, ObjectId>>;
  const auto by_use = impl_->from_index([](const IndexView& index) { return index.objects_by_use(); }, Found{});
  if (impl_->env) impl_->env->release();
  std::vector<ObjectId> ids;
  ids.reserve(by_use.size());
  for (const auto& [last_use, id] : by_use) ids.push_back(id);
  return ids;
}

void Store::for_each_object(std::span<const ObjectId> ids, const std::function<void(const ObjectInfo&)>& visit) const {
  in_parts(ids, [&](std::span<const ObjectId> some) {
    // Not called within the transaction: what is visited may be written to somebody who reads slowly.
    const auto infos = impl_->from_index(
        [some](const IndexView& index) {
          std::vector<ObjectInfo> found;
          for (const auto id : some) {
            if (auto record = index.object(id)) {
              found.push_back({id, std::move(record->key), record->version, std::move(record->facts), record->pinned,
                               record->last_use, record->held_bytes});
            }
          }
          return found;
        },
        std::vector<ObjectInfo>{});
    for (const auto& info : infos) visit(info);
    if (impl_->env) impl_->env->release();
  });
}

std::vector<ObjectInfo> Store::objects() const {
  std::vector<ObjectInfo> infos;
  for_each_object(object_ids(), [&](const ObjectInfo& info) { infos.push_back(info); });
  return infos;
}

}  // namespace platefs::cache
