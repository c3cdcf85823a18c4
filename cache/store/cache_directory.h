// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "cache/store/store.h"

namespace platefs::cache {

/// Ids are given out in blocks of this many; a block is one directory of object files.
constexpr std::uint64_t kIdsOfBlock = 4096;

/// Names and housekeeping of a cache's files (FORMAT.md). Object and session files carry the incarnation
/// of the index that counts their ids, so an id of one index is never found under a file of another,
/// whatever happens to the directory.
class CacheDirectory {
 public:
  explicit CacheDirectory(std::filesystem::path path);

  /// Makes the directory, CACHEDIR.TAG and the folders in it. Throws std::system_error, and before anything is made
  /// Error{LocalIo} on a file system that machines or programs share: LMDB's locks and maps don't hold there.
  void make() const;

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path index() const { return path_ / "index.mdb"; }
  std::filesystem::path index_lock() const { return path_ / "index.mdb-lock"; }

  /// The random number that its index got when it was made. Before anything below is asked.
  void set_incarnation(std::uint64_t incarnation) { incarnation_ = incarnation; }
  std::uint64_t incarnation() const { return incarnation_; }

  std::filesystem::path objects() const { return path_ / "objects"; }
  std::filesystem::path object(ObjectId id) const;
  /// Where others make and use indexes of tables.
  std::filesystem::path tables() const { return path_ / "tables"; }
  TableUsage table_usage() const;
  /// The file whose locks tell which objects are being read (use_marks.h).
  std::filesystem::path in_use() const { return path_ / "in-use"; }
  std::filesystem::path block(std::uint64_t block) const;
  std::filesystem::path session(std::uint64_t block) const;
  /// Blocks of this incarnation that have a folder of object files.
  std::vector<std::uint64_t> blocks() const;
  /// Ids of the object files of a block.
  std::vector<ObjectId> objects_of(std::uint64_t block) const;
  /// Blocks of this incarnation with a session file: their process lives, or left it.
  std::vector<std::uint64_t> sessions() const;
  /// A process of any format uses the index, or keeps a session file. Only while this one has no index
  /// open: POSIX locks, which LMDB takes, end with any descriptor that is closed.
  bool is_in_use() const;
  /// Deletes object and session files of other incarnations, which no index leads to, but for those of
  /// processes that live.
  void sweep_other_incarnations() const;

  /// Makes room for a new cache: moves the index, and with `objects_too` everything, into a folder that
  /// is returned; else the object files, which nobody can use without it, are deleted.
  std::filesystem::path set_aside(bool objects_too) const;

 private:
  void refuse_shared_file_system() const;
  std::filesystem::path folder_of(const char* kind, std::uint64_t block) const;
  std::filesystem::path path_;
  std::uint64_t incarnation_ = 0;
};

}  // namespace platefs::cache
