// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <filesystem>

#include "cache/store/store.h"

namespace platefs::cache {

/// Tells the processes that share a cache which objects are being read: a lock on the byte of one common
/// file whose offset is the object's id (fcntl, F_OFD_SETLK: it ends with the process, and works between
/// containers). One descriptor, however many objects are in use. Where the file can't be opened nothing is
/// marked, and an object in use may be evicted by another process: then it is fetched again. Thread-safe.
class UseMarks {
 public:
  enum class Access {
    ReadOnly,  ///< makes no file
    ReadWrite
  };
  UseMarks(const std::filesystem::path& file, Access access);
  ~UseMarks();
  UseMarks(const UseMarks&) = delete;
  UseMarks& operator=(const UseMarks&) = delete;

  void mark(ObjectId id) const noexcept;
  void unmark(ObjectId id) const noexcept;
  /// Another one of these, in this process or in another, has marked it.
  bool is_marked_elsewhere(ObjectId id) const noexcept;

 private:
  int fd_ = -1;
};

}  // namespace platefs::cache
