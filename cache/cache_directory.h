// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "cache/store.h"

namespace platefs::cache {

/// Ids are given out in blocks of this many; a block is one directory of object files.
constexpr std::uint64_t kIdsOfBlock = 4096;

/// Names and housekeeping of a cache's files (FORMAT.md). Stateless but for its path.
class CacheDirectory {
 public:
  /// Makes the directory, CACHEDIR.TAG and the folders in it. Throws Error{LocalIo}, also on a
  /// network file system: LMDB's locks and maps don't hold there.
  explicit CacheDirectory(std::filesystem::path path);

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path index() const { return path_ / "index.mdb"; }
  std::filesystem::path object(ObjectId id) const;
  std::filesystem::path block(std::uint64_t block) const;
  std::filesystem::path session(std::uint64_t block) const;
  /// Ids of the object files of a block.
  std::vector<ObjectId> objects_of(std::uint64_t block) const;
  /// Blocks whose process left its session file.
  std::vector<std::uint64_t> sessions() const;

  /// Makes room for a new cache: moves the index, and with `objects_too` everything, into a folder that
  /// is returned; else the object files, which nobody can use without it, are deleted.
  std::filesystem::path set_aside(bool objects_too) const;

 private:
  void make_folders() const;
  std::filesystem::path path_;
};

}  // namespace platefs::cache
