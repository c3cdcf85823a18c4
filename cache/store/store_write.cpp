// SPDX-License-Identifier: BSD-3-Clause
// Versions of objects and their bytes, on the writer thread.
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

#include "cache/store/store_impl.h"

namespace platefs::cache {
namespace {

using Standing = OpenObject::Standing;

constexpr auto kWarnAgain = std::chrono::hours(1);

bool is_known_version(const KeyRecord& known, const ObjectFacts& facts) {
  return known.version != 0 && is_same_version(known, facts);
}

void require_granules(const OpenObject& object, std::uint64_t offset, std::uint64_t bytes, std::uint64_t size,
                      bool size_known) {
  const auto most = size_known ? size : static_cast<std::uint64_t>(INT64_MAX);
  if (offset > most || bytes > most - offset) {
    throw vo::Error(vo::ErrorKind::Malformed, fmt::format("{} bytes at {} lie beyond the {} bytes of {}", bytes, offset,
                                                          most, object.path.string()));
  }
  const bool aligned = offset % kGranuleSize == 0;
  const bool whole = bytes % kGranuleSize == 0 || !size_known || offset + bytes == size;
  if (aligned && whole) return;
  throw vo::Error(vo::ErrorKind::Malformed,
                  fmt::format("{} bytes at {} are no granules of {}", bytes, offset, object.path.string()));
}

}  // namespace

void Store::Impl::mark_dirty(const std::shared_ptr<OpenObject>& object) {
  if (is_unkept(object->id)) return;
  state.lock()->dirty[object->id] = object;
}

ObjectInfo Store::Impl::create(std::string_view name, const ObjectFacts& facts) {
  const auto known = key(name).value_or(KeyRecord{});
  const auto here = present(name);
  // What a base holds is never written to: what comes goes into an object of this cache, above it.
  if (here && !BaseStores::has_id(here->id) && known.version != 0 && known.size == facts.size &&
      known.validators == facts.validators) {
    const auto object = live(here->id);
    if (object) {
      object->state.lock()->record.facts = facts;
      mark_dirty(object);
      return info(here->id).value_or(*here);
    }
  }
  const auto id = stage(name);
  return begin_version(live(id), facts);
}

ObjectId Store::Impl::stage(std::string_view name) {
  ObjectRecord record;
  record.key = name;
  record.last_use = now();
  const auto id = new_id();
  auto object = std::make_shared<OpenObject>(id, directory.object(id), std::move(record), Standing::Staged);
  const auto access_to_state = state.lock();
  access_to_state->prune_live();
  access_to_state->live[id] = std::move(object);
  return id;
}

ObjectId Store::Impl::new_id() {
  try {
    if (may_write()) return own_lease().new_id();
  } catch (const LmdbError& problem) {
    go_on_without({problem.code(), problem.what()});
  } catch (const std::system_error& problem) {
    go_on_without({problem.code().value(), problem.what()});
  }
  prune_unkept();
  return kFirstUnkept + unkept_ids++;
}

/// Nothing but this process knows of them: those that nobody uses go when they are many.
void Store::Impl::prune_unkept() {
  constexpr std::size_t kMost = 1024;
  std::vector<ObjectId> idle;
  {
    const auto access_to_state = state.lock();
    if (access_to_state->unkept_keys.size() < kMost) return;
    std::erase_if(access_to_state->unkept_keys, [&](const auto& entry) {
      const auto known = access_to_state->live.find(entry.second.present);
      if (known == access_to_state->live.end()) return true;
      if (known->second.use_count() > 1) return false;
      idle.push_back(known->first);
      access_to_state->live.erase(known);
      return true;
    });
  }
  for (const auto id : idle) recent.forget(id);
}

/// Makes an object the present version of its key.
ObjectInfo Store::Impl::begin_version(const std::shared_ptr<OpenObject>& object, const ObjectFacts& facts) {
  const auto name = std::as_const(object->state.lock()->record.key);
  auto of_key = key(name).value_or(KeyRecord{});
  const auto before = of_key.present;
  if (!is_known_version(of_key, facts)) ++of_key.version;
  of_key.key = name;
  of_key.present = object->id;
  of_key.size = facts.size;
  of_key.validators = facts.validators;
  {
    const auto own = object->state.lock();
    own->record.facts = facts;
    own->record.version = of_key.version;
    own->standing = Standing::Created;
    own->below.reset();
  }
  {
    const auto access_to_state = state.lock();
    access_to_state->unkept_keys.erase(name);
    (is_unkept(object->id) ? access_to_state->unkept_keys[name] : access_to_state->keys[name]) = of_key;
  }
  mark_dirty(object);
  if (before != 0 && before != object->id) retire(before);
  return *info(object->id);
}

ObjectInfo Store::Impl::publish(ObjectId staged, const ObjectFacts& facts) {
  const auto object = live(staged);
  if (!object) throw vo::Error(vo::ErrorKind::LocalIo, fmt::format("no object {} to publish", staged));
  return begin_version(object, facts);
}

void Store::Impl::discard(ObjectId staged) {
  if (state.lock()->live.contains(staged)) retire(staged);
}

/// Takes a version out of sight. What was committed of it goes with the next commit.
void Store::Impl::retire(ObjectId id) {
  const auto object = live(id);
  if (!object) return;
  Standing was{};
  std::uint64_t fresh = 0;
  {
    const auto own = object->state.lock();
    was = std::exchange(own->standing, Standing::Gone);
    fresh = std::exchange(own->fresh_bytes, 0);
  }
  {
    const auto access = state.lock();
    access->dirty.erase(id);
    access->live.erase(id);
    if (was == Standing::Indexed) access->removed.insert(id);
  }
  if (was != Standing::Indexed) unlink_all({id});
  give_back(fresh);
  recent.forget(id);
}

void Store::Impl::put(ObjectId id, std::uint64_t offset, std::span<const std::byte> bytes, const SharedBytes& shared) {
  const auto object = live(id);
  if (!object) {
    throw vo::Error(vo::ErrorKind::Unavailable, fmt::format("object {} is in the cache no more", id));
  }
  if (bytes.empty()) return;
  try {
    if (is_unkept(id)) throw vo::Error(vo::ErrorKind::NoSpace, access.reason());
    put_on_disk(object, offset, bytes);
    if (shared) recent.add(id, offset, shared, RecentBytes::Copy::AlsoOnDisk);
  } catch (const vo::Error& refused) {
    if (refused.kind() != vo::ErrorKind::NoSpace && refused.kind() != vo::ErrorKind::LocalIo) throw;
    auto kept = shared ? shared : std::make_shared<const Buffer>(bytes.begin(), bytes.end());
    pass_through(object, offset, std::move(kept), refused);
  }
}

/// A full disk is no reason to keep what has arrived from those who wait for it.
void Store::Impl::pass_through(const std::shared_ptr<OpenObject>& object, std::uint64_t offset, SharedBytes bytes,
                               const vo::Error& why) {
  {
    const auto own = object->state.lock();
    auto& size = own->record.facts.size;
    if (own->standing == Standing::Staged) size = std::max<std::uint64_t>(size, offset + bytes->size());
  }
  recent.add(object->id, offset, std::move(bytes), RecentBytes::Copy::Only);
  const auto time = WriteAccess::Clock::now();
  const auto before = WriteAccess::Clock::duration(passed_through_at.exchange(time.time_since_epoch().count()));
  const bool is_known = before.count() != INT64_MIN && time.time_since_epoch() - before < kWarnAgain;
  if (is_known || !may_write()) return;
  options.warn(fmt::format("what is fetched passes through memory and is not kept: {}", why.what()));
}

std::shared_ptr<const ObjectFile> Store::Impl::present_file_to_write(const std::shared_ptr<OpenObject>& object) {
  const auto opened = files->open(object->id, object->path, ObjectFile::Access::ReadWrite);
  if (opened.error == ENOENT && can_use_objects()) return new_file_to_write(object);
  if (auto file = file_of(object, ObjectFile::Access::ReadWrite)) {
    object->state.lock()->has_file = true;
    return file;
  }
  const bool is_lost = object->state.lock()->standing == Standing::Gone;
  throw vo::Error(is_lost ? vo::ErrorKind::Unavailable : vo::ErrorKind::LocalIo,
                  fmt::format("{} can't be opened for writing", object->path.string()));
}

std::shared_ptr<const ObjectFile> Store::Impl::file_to_write(const std::shared_ptr<OpenObject>& object) {
  bool has_file = false, is_indexed = false;
  {
    const auto own = object->state.lock();
    has_file = own->has_file;
    is_indexed = own->standing == Standing::Indexed;
  }
  if (has_file) return present_file_to_write(object);
  // Another process may have begun the file of one in the index. Any other is new here: what lies in its place
  // can't be its own.
  std::error_code ignored;
  if (is_indexed && std::filesystem::exists(object->path, ignored)) return present_file_to_write(object);
  return new_file_to_write(object);
}

/// Making room commits, which tells of what another process removed; a reader may find a file lost at any time.
void Store::Impl::require_kept(const OpenObject& object) {
  if (object.state.lock()->standing != Standing::Gone) return;
  throw vo::Error(vo::ErrorKind::Unavailable, fmt::format("object {} is in the cache no more", object.id));
}

std::shared_ptr<const ObjectFile> Store::Impl::new_file_to_write(const std::shared_ptr<OpenObject>& object) {
  const auto created = files->create(object->id, object->path);
  if (!created.file) {
    const bool full = created.error == ENOSPC || created.error == EDQUOT;
    throw vo::Error(full ? vo::ErrorKind::NoSpace : vo::ErrorKind::LocalIo,
                    fmt::format("creating {}: {}", object->path.string(), std::strerror(created.error)));
  }
  begin_file(object, created.file);
  return created.file;
}

std::uint64_t Store::Impl::cost_of(const OpenObject& object, std::uint64_t offset, std::uint64_t bytes) {
  std::uint64_t cost = 0;
  const auto own = object.state.lock();
  for (std::uint64_t at = 0; at < bytes; at += kGranuleSize) {
    const auto granule = (offset + at) / kGranuleSize;
    const auto chunk = own->chunks.find(granule / kGranulesOfChunk);
    const bool is_held = chunk != own->chunks.end() && chunk->second.record.has(granule % kGranulesOfChunk);
    if (!is_held) cost += granule_cost(std::min<std::uint64_t>(kGranuleSize, bytes - at));
  }
  return cost;
}

void Store::Impl::put_on_disk(const std::shared_ptr<OpenObject>& object, std::uint64_t offset,
                              std::span<const std::byte> bytes) {
  {
    const auto own = object->state.lock();
    require_granules(*object, offset, bytes.size(), own->record.facts.size, own->standing != Standing::Staged);
  }
  auto cost = cost_of(*object, offset, bytes.size());
  reserve(cost);
  std::shared_ptr<const ObjectFile> file;
  try {
    require_kept(*object);
    file = file_to_write(object);
    // A file that had to be begun anew holds nothing of what the old one held.
    if (const auto full = cost_of(*object, offset, bytes.size()); full > cost) {
      reserve(full - cost);
      cost = full;
      require_kept(*object);
    }
    file->write(offset, bytes);
    require_kept(*object);
  } catch (...) {
    give_back(cost);
    throw;
  }
  {
    const auto own = object->state.lock();
    const bool is_present = own->file.lock() == file;  // else a reader tests what it opened since
    for (std::uint64_t at = 0; at < bytes.size(); at += kGranuleSize) {
      const auto granule = (offset + at) / kGranuleSize;
      auto& chunk = own->chunks[granule / kGranulesOfChunk];
      const auto size = std::min<std::uint64_t>(kGranuleSize, bytes.size() - at);
      const auto index = granule % kGranulesOfChunk;
      chunk.record.set(index, checksum_of(bytes.subspan(at, size)));
      if (is_present) chunk.verified |= granule_bit(index);
      chunk.fresh |= granule_bit(index);
      chunk.bad &= ~granule_bit(index);
    }
    own->fresh_bytes += cost;
    if (own->standing == Standing::Staged) {
      own->record.facts.size = std::max(own->record.facts.size, offset + bytes.size());
      return;
    }
  }
  const auto access = state.lock();
  access->dirty[object->id] = object;
  access->fresh_bytes += bytes.size();
}

}  // namespace platefs::cache
