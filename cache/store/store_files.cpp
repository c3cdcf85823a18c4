// SPDX-License-Identifier: BSD-3-Clause
// The files of objects: opened, held, lost. Any thread.
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "cache/store/store_impl.h"

namespace platefs::cache {
namespace {

using Standing = OpenObject::Standing;

constexpr std::int64_t kWarnAgainSeconds = 60;

/// Says nothing of the file itself: the process or the system is short of something, or the disk is ill.
bool may_pass(int error) {
  return error == EMFILE || error == ENFILE || error == ENOMEM || error == EIO || error == EINTR;
}

/// What a reader has open. It owns no more of the store than it needs to end by itself.
class Hold {
 public:
  Hold(std::shared_ptr<OpenObject> object, std::shared_ptr<const UseMarks> marks, std::shared_ptr<ObjectFiles> files,
       std::shared_ptr<const void> below)
      : object_(std::move(object)), marks_(std::move(marks)), files_(std::move(files)), below_(std::move(below)) {}
  ~Hold() {
    {
      const auto state = object_->state.lock();
      if (!state->hold.expired()) return;  // another began since this one ended
      marks_->unmark(object_->id);
    }
    files_->close(object_->id);
  }
  Hold(const Hold&) = delete;
  Hold& operator=(const Hold&) = delete;

 private:
  std::shared_ptr<OpenObject> object_;
  std::shared_ptr<const UseMarks> marks_;
  std::shared_ptr<ObjectFiles> files_;
  std::shared_ptr<const void> below_;  ///< of the object in a base
};

}  // namespace

std::shared_ptr<const void> Store::Impl::hold(ObjectId id) {
  if (BaseStores::has_id(id)) return bases.hold(id);
  const auto object = live(id);
  if (!object) return nullptr;
  const auto base = below(*object);
  auto in_base = base ? bases.hold(*base) : nullptr;
  const auto own = object->state.lock();
  if (auto held_already = own->hold.lock()) return held_already;
  marks->mark(id);
  std::shared_ptr<const void> made = std::make_shared<const Hold>(object, marks, files, std::move(in_base));
  own->hold = made;
  return made;
}

bool Store::Impl::is_held(ObjectId id) {
  const auto access = state.lock();
  const auto known = access->live.find(id);
  return known != access->live.end() && !known->second->state.lock()->hold.expired();
}

void Store::Impl::close_idle() {
  for (const auto id : files->open_ones()) {
    if (!is_held(id)) files->close(id);
  }
}

/// By another process: nothing to tell anybody.
bool Store::Impl::was_evicted(const OpenObject& object) {
  if (object.state.lock()->standing != Standing::Indexed) return false;
  return from_index([&](const IndexView& index) { return !index.object(object.id).has_value(); }, false);
}

bool Store::Impl::can_use_objects() const { return ::access(directory.objects().c_str(), R_OK | W_OK | X_OK) == 0; }

std::shared_ptr<const ObjectFile> Store::Impl::file_of(const std::shared_ptr<OpenObject>& object,
                                                       ObjectFile::Access access) {
  auto opened = files->open(object->id, object->path, access);
  if (!opened.file) {
    // Where the cache itself can't be used, or not now, the file may be well: only the bytes are missing.
    const bool is_lost = !may_pass(opened.error) && can_use_objects();
    if (!was_evicted(*object)) warn_of_file(*object, opened.error, is_lost);
    if (is_lost) lose(object);
    return nullptr;
  }
  const auto own = object->state.lock();
  if (own->file.lock() != opened.file) {
    own->file = opened.file;
    for (auto& [number, chunk] : own->chunks) chunk.verified = 0;
  }
  return opened.file;
}

void Store::Impl::lose(const std::shared_ptr<OpenObject>& object) {
  Standing was{};
  std::uint64_t fresh = 0;
  {
    const auto own = object->state.lock();
    was = std::exchange(own->standing, Standing::Gone);
    fresh = std::exchange(own->fresh_bytes, 0);
  }
  if (was == Standing::Gone) return;
  {
    const auto access = state.lock();
    access->dirty.erase(object->id);
    access->live.erase(object->id);
    if (was != Standing::Staged) access->removed.insert(object->id);
    access->room += fresh;
  }
  files->close(object->id);
  recent.forget(object->id);
}

void Store::Impl::begin_file(const std::shared_ptr<OpenObject>& object, const std::shared_ptr<const ObjectFile>& file) {
  using Found = std::vector<std::pair<std::uint64_t, ChunkRecord>>;
  const auto found = from_index([&](const IndexView& index) { return index.chunks(object->id); }, Found{});
  std::uint64_t fresh = 0;
  {
    const auto own = object->state.lock();
    for (const auto& [number, record] : found) own->chunks[number].bad |= record.held;
    for (auto& [number, chunk] : own->chunks) {
      chunk.bad |= chunk.record.held;
      chunk.record.held = chunk.verified = chunk.fresh = 0;
    }
    own->has_file = true;
    own->file = file;
    fresh = std::exchange(own->fresh_bytes, 0);
  }
  const auto access = state.lock();
  access->room += fresh;
}

void Store::Impl::warn_of_file(const OpenObject& object, int error, bool is_lost) {
  const auto time = now();
  const auto before = warned_of_file_at.exchange(time);
  if (before > time - kWarnAgainSeconds && before <= time) return;
  options.warn(fmt::format("the cached file {} can't be opened ({}): {}", object.path.string(), std::strerror(error),
                           is_lost ? "what it held is fetched again"
                                   : "what it holds is fetched and not kept; look after the cache's disk"));
}

}  // namespace platefs::cache
