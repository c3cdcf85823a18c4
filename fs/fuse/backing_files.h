// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <functional>
#include <map>

#include "vo/base/guarded.h"

namespace platefs::fs {

/// Which inodes the kernel reads in files of the cache, past this process (FUSE_PASSTHROUGH: libfuse 3.17,
/// Linux 6.9, root). All who have an inode open at one time must read it the same way, or the kernel fails
/// the later opening: the first one decides. Thread-safe.
class BackingFiles {
 public:
  /// `inode` is opened once more. The number of the file that the kernel is to read, 0 where it is to ask
  /// us. `register_file` tells the kernel of the file and has a number > 0 from it; called when the first opens.
  int open(std::uint64_t inode, const std::function<int()>& register_file);
  /// One of them closed it. The number to give back to the kernel, 0 for none.
  int close(std::uint64_t inode);
  /// One of them was not told: it was interrupted. A number is kept for the next.
  void abandon(std::uint64_t inode);

 private:
  struct Use {
    int openings = 0;
    int number = 0;
  };
  vo::Guarded<std::map<std::uint64_t, Use>> uses_;
};

}  // namespace platefs::fs
