// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <atomic>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <unordered_map>
#include <vector>

#include "cache/store/object_file.h"
#include "cache/store/store.h"
#include "vo/base/guarded.h"

namespace platefs::cache {

/// Keeps the open descriptors of all object files: at most `most` of them at a time, and closes
/// the one used longest ago; a file that somebody still reads from is closed when that read is done.
/// Where the process or the system has no descriptor or memory left it closes half of its own and tries
/// again. Thread-safe; takes no other lock.
class ObjectFiles {
 public:
  explicit ObjectFiles(std::size_t most) : most_(most == 0 ? most_by_limit() : most) {}

  /// The object's file, opened now unless it is open for such access already. Error: see ObjectFile.
  ObjectFile::Opened open(ObjectId id, const std::filesystem::path& path, ObjectFile::Access access);
  ObjectFile::Opened create(ObjectId id, const std::filesystem::path& path);
  /// Call at each use of a file that open() gave: one atomic increment.
  void note_use(const ObjectFile& file) { file.used_at() = ++clock_; }

  void close(ObjectId id);
  std::vector<ObjectId> open_ones() const;
  std::size_t most() const { return most_; }

  /// A quarter of the descriptors that this process may have (RLIMIT_NOFILE), less those that the kernel's,
  /// the archives' and the index's connections take of that quarter; between 4 and 512.
  static std::size_t most_by_limit();

 private:
  using Files = std::unordered_map<ObjectId, std::shared_ptr<const ObjectFile>>;
  using Closing = std::vector<std::shared_ptr<const ObjectFile>>;
  template <typename Open>
  ObjectFile::Opened add(ObjectId id, const Open& open_file);
  Closing take_oldest(std::size_t most_left);

  const std::size_t most_;
  std::atomic<std::uint64_t> clock_{0};
  vo::Guarded<Files> files_;
};

}  // namespace platefs::cache
