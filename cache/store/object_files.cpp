// SPDX-License-Identifier: BSD-3-Clause
#include "cache/store/object_files.h"

#include <sys/resource.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace platefs::cache {
namespace {

constexpr std::size_t kOfOthers = 20;  // standard streams, /dev/fuse, the index, curl's polls and connections
constexpr std::size_t kFewest = 4, kMost = 512;

bool is_shortage(int error) { return error == EMFILE || error == ENFILE || error == ENOMEM; }

}  // namespace

std::size_t ObjectFiles::most_by_limit() {
  struct rlimit limit {};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return kMost;
  const auto quarter = static_cast<std::size_t>(limit.rlim_cur / 4);
  return std::clamp(quarter - std::min(quarter, kOfOthers), kFewest, kMost);
}

/// The files used longest ago, so that `most_left` remain. They close when what is returned goes: not
/// under the lock.
ObjectFiles::Closing ObjectFiles::take_oldest(std::size_t most_left) {
  Closing closing;
  const auto files = files_.lock();
  while (files->size() > most_left) {
    const auto oldest =
        std::ranges::min_element(*files, {}, [](const auto& entry) { return entry.second->used_at().load(); });
    closing.push_back(std::move(oldest->second));
    files->erase(oldest);
  }
  return closing;
}

template <typename Open>
ObjectFile::Opened ObjectFiles::add(ObjectId id, const Open& open_file) {
  take_oldest(most_ - 1);
  auto opened = open_file();
  while (!opened.file && is_shortage(opened.error)) {
    const auto count = files_.lock()->size();
    if (count == 0) return opened;
    take_oldest(count / 2);
    opened = open_file();
  }
  if (!opened.file) return opened;
  note_use(*opened.file);
  auto replaced = opened.file;
  std::swap((*files_.lock())[id], replaced);
  return opened;
}

ObjectFile::Opened ObjectFiles::open(ObjectId id, const std::filesystem::path& path, ObjectFile::Access access) {
  {
    const auto files = files_.lock();
    const auto found = files->find(id);
    if (found != files->end() && found->second->allows(access) && !found->second->has_failed()) {
      note_use(*found->second);
      return {found->second, 0};
    }
  }
  return add(id, [&] { return ObjectFile::open(path, access); });
}

ObjectFile::Opened ObjectFiles::create(ObjectId id, const std::filesystem::path& path) {
  return add(id, [&] { return ObjectFile::create(path); });
}

void ObjectFiles::close(ObjectId id) {
  std::shared_ptr<const ObjectFile> closing;
  const auto files = files_.lock();
  const auto found = files->find(id);
  if (found == files->end()) return;
  closing = std::move(found->second);
  files->erase(found);
}

std::vector<ObjectId> ObjectFiles::open_ones() const {
  std::vector<ObjectId> ids;
  const auto files = files_.lock();
  for (const auto& [id, file] : *files) ids.push_back(id);
  return ids;
}

}  // namespace platefs::cache
