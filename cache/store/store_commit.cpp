// SPDX-License-Identifier: BSD-3-Clause
// What was put goes into the index, and what must go makes room, on the writer thread.
#include <fmt/format.h>

#include <algorithm>
#include <system_error>

#include "cache/store/store_impl.h"

namespace platefs::cache {
namespace {

using Standing = OpenObject::Standing;

constexpr std::uint64_t kReservation = 16ull << 20;

/// One object's news as of the beginning of a commit.
struct News {
  std::shared_ptr<OpenObject> object;
  ObjectRecord record;
  Standing standing{};
  std::vector<std::pair<std::uint64_t, OpenChunk>> chunks;  ///< those with fresh or bad granules
  std::uint64_t fresh_bytes = 0;
};

News news_of(const std::shared_ptr<OpenObject>& object) {
  News news;
  news.object = object;
  const auto own = object->state.lock();
  news.record = own->record;
  news.standing = own->standing;
  news.fresh_bytes = own->fresh_bytes;
  for (const auto& [number, chunk] : own->chunks) {
    if (chunk.fresh != 0 || chunk.bad != 0) news.chunks.emplace_back(number, chunk);
  }
  return news;
}

/// Merges a chunk into what another process may have indexed meanwhile. Returns by how many bytes of disk
/// the object's part in the index changes.
std::int64_t merge(ChunkRecord& indexed, const OpenChunk& chunk, std::uint64_t size, std::uint64_t number) {
  std::int64_t difference = 0;
  for (std::size_t i = 0; i < kGranulesOfChunk; ++i) {
    const auto cost = static_cast<std::int64_t>(granule_cost(granule_bytes(size, number * kGranulesOfChunk + i)));
    const bool is_fresh = (chunk.fresh & granule_bit(i)) != 0;
    const bool is_bad = (chunk.bad & granule_bit(i)) != 0;
    if (is_fresh && !indexed.has(i)) difference += cost;
    if (is_fresh) indexed.set(i, chunk.record.checksums[i]);
    if (is_bad && indexed.has(i)) {
      indexed.clear(i);
      difference -= cost;
    }
  }
  return difference;
}

/// What a commit found out, applied to memory when it is through.
struct Outcome {
  std::vector<ObjectId> unlink;                       ///< replaced, here or by us elsewhere
  std::vector<std::shared_ptr<OpenObject>> vanished;  ///< removed from the index by another process
};

/// Writes one object; returns false when the index doesn't know it any more.
bool write(IndexChange& index, const News& news) {
  auto record = news.record;
  record.held_bytes = 0;
  if (const auto current = index.object(news.object->id)) {
    record.held_bytes = current->held_bytes;
    record.pinned = current->pinned;
    record.last_use = std::max(record.last_use, current->last_use);
  } else if (news.standing == Standing::Indexed || news.standing == Standing::Gone) {
    return false;
  }
  std::int64_t difference = 0;
  for (const auto& [number, chunk] : news.chunks) {
    auto merged = index.chunk(news.object->id, number).value_or(ChunkRecord{});
    difference += merge(merged, chunk, record.facts.size, number);
    index.put_chunk(news.object->id, number, merged);
  }
  record.held_bytes =
      static_cast<std::uint64_t>(std::max<std::int64_t>(0, static_cast<std::int64_t>(record.held_bytes) + difference));
  index.put_object(news.object->id, record);
  // The reservation counted every fresh granule; those another process had already were counted twice.
  index.add("used", difference - static_cast<std::int64_t>(news.fresh_bytes));
  return true;
}

/// Another process began the same file while we did: the later commit wins. If the archive replaced the file between
/// the two, both counted it as the same version, and ours becomes the next.
void replace_rival(IndexChange& index, KeyRecord& ours, Outcome& outcome) {
  const auto theirs = index.key(ours.key);
  if (!theirs || theirs->present == ours.present) return;
  if (!is_same_version(*theirs, ours)) ours.version = std::max(ours.version, theirs->version + 1);
  if (theirs->present == 0) return;
  index.add("used", -static_cast<std::int64_t>(index.remove_object(theirs->present)));
  outcome.unlink.push_back(theirs->present);
}

/// Gives an object the number that its key has now.
void renumber(News& news, const std::map<std::string, KeyRecord, std::less<>>& keys) {
  const auto key = keys.find(news.record.key);
  if (key != keys.end() && key->second.present == news.object->id) news.record.version = key->second.version;
}

void use(IndexChange& index, const std::map<ObjectId, std::int64_t>& touches, std::int64_t now) {
  for (const auto& [id, when] : touches) {
    auto record = index.object(id);
    if (!record || (record->last_use >= when && record->last_use <= now)) continue;
    record->last_use = when;
    index.put_object(id, *record);
  }
}

/// What was written is not news any more; what failed its checksum meanwhile stays so. Returns how many of the bytes
/// that the index now counts were given back to the reservation since the commit began, by a reader who lost the file.
std::uint64_t settle(const News& news) {
  const auto own = news.object->state.lock();
  if (own->standing == Standing::Created) own->standing = Standing::Indexed;
  own->record.version = news.record.version;
  const auto given_back = news.fresh_bytes - std::min(own->fresh_bytes, news.fresh_bytes);
  own->fresh_bytes -= news.fresh_bytes - given_back;
  for (const auto& [number, chunk] : news.chunks) {
    auto& known = own->chunks[number];
    known.fresh &= ~chunk.fresh;
    known.bad &= ~chunk.bad;
  }
  return given_back;
}

}  // namespace

void Store::Impl::commit() {
  std::vector<News> news;
  StoreState pending;
  {
    const auto access = state.lock();
    pending.dirty = access->dirty;
    pending.keys = access->keys;
    pending.removed = access->removed;
    pending.documents = access->documents;
    pending.touches = std::exchange(access->touches, {});
    pending.used_documents = std::exchange(access->used_documents, {});
  }
  for (const auto& [id, object] : pending.dirty) news.push_back(news_of(object));

  Outcome outcome;
  change([&](IndexChange& index) {
    outcome = {};
    outcome.unlink.assign(pending.removed.begin(), pending.removed.end());
    std::int64_t filled = 0;
    for (const auto id : pending.removed) {
      index.add("used", -static_cast<std::int64_t>(index.remove_object(id)));
    }
    for (auto& [name, record] : pending.keys) replace_rival(index, record, outcome);
    for (auto& one : news) {
      renumber(one, pending.keys);
      if (write(index, one)) {
        filled += static_cast<std::int64_t>(one.fresh_bytes);
      } else {
        outcome.vanished.push_back(one.object);
      }
    }
    for (const auto& [name, record] : pending.keys) index.put_key(record);
    write_documents(index, pending);
    use(index, pending.touches, now());
    index.add(lease->reserved(), -filled);
  });

  for (const auto& object : outcome.vanished) {
    // Before it is settled: what was reserved for it is used by nothing.
    const auto fresh = std::exchange(object->state.lock()->fresh_bytes, 0);
    remove_now(object->id);
    give_back(fresh);
  }
  std::uint64_t given_back = 0;
  for (const auto& one : news) {
    const auto twice = settle(one);
    if (std::ranges::find(outcome.vanished, one.object) == outcome.vanished.end()) given_back += twice;
  }
  {
    const auto access = state.lock();
    access->room -= std::min(access->room, given_back);
    std::erase_if(access->dirty, [&](const auto& entry) {
      const auto own = entry.second->state.lock();
      return std::ranges::all_of(own->chunks, [](const auto& c) { return c.second.bad == 0; });
    });
    access->keys.clear();
    for (const auto id : pending.removed) access->removed.erase(id);  // not those that were lost meanwhile
    std::erase_if(access->documents, [&](const auto& entry) {
      const auto written = pending.documents.find(entry.first);
      return written != pending.documents.end() && written->second == entry.second;  // none that came meanwhile
    });
    access->fresh_bytes = access->document_bytes = 0;
  }
  unlink_all(outcome.unlink);
  close_idle();
}

/// Documents stay within a quarter of the quota, also one by one: pages that a transaction frees are of no
/// use to it.
void Store::Impl::write_documents(IndexChange& index, const StoreState& pending) {
  constexpr std::int64_t kLongSeconds = 90 * 86400;
  const auto time = now();
  for (const auto& [name, record] : pending.documents) {
    if (!record && !bases.has_document(name)) {
      index.remove_document(name);
    } else {
      index.put_document(name, record ? *record : encode(tombstone(time)));
    }
  }
  for (const auto& name : pending.used_documents) {
    auto used = index.document(name);
    if (!used || pending.documents.contains(name)) continue;
    used->last_use = time;
    index.put_document(name, encode(*used));
  }
  if (pending.documents.empty() && pending.used_documents.empty()) return;
  index.trim_documents(options.quota / 4, time - kLongSeconds);
}

/// Forgets an object that the index does not know.
void Store::Impl::remove_now(ObjectId id) {
  std::shared_ptr<OpenObject> object;
  {
    const auto access = state.lock();
    access->dirty.erase(id);
    if (const auto found = access->live.find(id); found != access->live.end()) {
      object = found->second;
      access->live.erase(found);
    }
  }
  if (object) object->state.lock()->standing = Standing::Gone;
  unlink_all({id});
}

void Store::Impl::unlink_all(const std::vector<ObjectId>& ids) {
  if (directory.incarnation() == 0) return;
  for (const auto id : ids) {
    std::error_code ignored;
    std::filesystem::remove(directory.object(id), ignored);
    files->close(id);
    const auto access = state.lock();
    access->live.erase(id);
  }
}

void Store::Impl::give_back(std::uint64_t bytes) { state.lock()->room += bytes; }

/// Nobody reads it, here or elsewhere, and nothing of it waits for a commit.
bool Store::Impl::is_idle(ObjectId id) {
  {
    const auto access = state.lock();
    if (access->dirty.contains(id)) return false;
    const auto known = access->live.find(id);
    if (known != access->live.end() && !known->second->state.lock()->hold.expired()) return false;
  }
  return !marks->is_marked_elsewhere(id);
}

/// Grants at least `needed` bytes, removing objects from the index into `victims`, or 0.
std::uint64_t Store::Impl::make_room(IndexChange& index, std::uint64_t needed, std::vector<ObjectId>& victims) {
  victims.clear();
  const auto wanted = std::max(needed, std::min(kReservation, options.quota / 16));
  const auto limit = options.quota - std::min(options.quota, env->used_bytes() + directory.table_usage().bytes);
  const auto used = index.number("used");
  if (used + wanted <= limit) return wanted;
  if (used + needed <= limit) return limit - used;
  const auto to_free = used + wanted - limit;
  std::uint64_t freed = 0;
  index.by_recency(now(), [&](ObjectId id) {
    if (!is_idle(id)) return true;
    victims.push_back(id);
    freed += index.object(id).value_or(ObjectRecord{}).held_bytes;
    return freed < to_free;
  });
  if (used - std::min(used, freed) + needed > limit) {
    victims.clear();
    return 0;
  }
  for (const auto id : victims) index.remove_object(id);
  index.add("used", -static_cast<std::int64_t>(freed));
  return std::min(wanted, limit - (used - std::min(used, freed)));
}

/// Takes `bytes` of what is reserved already.
bool Store::Impl::take_room(std::uint64_t bytes) {
  const auto access = state.lock();
  if (access->room < bytes) return false;
  access->room -= bytes;
  return true;
}

/// Adds at least `bytes` to what is reserved, evicting as needed; false when there is nothing to evict.
bool Store::Impl::reserve_more(std::uint64_t bytes) {
  const auto touches = state.lock()->touches;
  std::vector<ObjectId> victims;
  std::uint64_t granted = 0;
  change([&](IndexChange& index) {
    use(index, touches, now());
    granted = make_room(index, bytes, victims);
    index.add("used", static_cast<std::int64_t>(granted));
    index.add(lease->reserved(), static_cast<std::int64_t>(granted));
  });
  unlink_all(victims);
  state.lock()->room += granted;
  return granted != 0;
}

void Store::Impl::reserve(std::uint64_t bytes) {
  if (take_room(bytes)) return;
  if (!state.lock()->removed.empty()) commit();
  // What waits for a commit can't be evicted: if all else is in use, it becomes possible by one.
  for (const bool has_committed : {false, true}) {
    if (has_committed) commit();
    if (take_room(bytes)) return;
    const auto room = state.lock()->room;
    if (reserve_more(bytes - std::min(bytes, room)) && take_room(bytes)) return;
  }
  throw vo::Error(vo::ErrorKind::NoSpace,
                  fmt::format("the cache in {} is full: all of its {} MiB are pinned or being read; raise "
                              "--cache-size",
                              directory.path().string(), options.quota >> 20));
}

}  // namespace platefs::cache
