// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "fs/tree/tree.h"

namespace platefs::fs {

/// A directory's entries at one moment, so that offsets stay true while it is read.
/// Entry 0 is ".", 1 is "..", the children follow; the offset of an entry is its index + 1.
struct DirectoryListing {
  struct Entry {
    std::string name;
    std::uint64_t inode = 0;
    std::optional<Node> node;  ///< none for "." and ".."
  };
  std::vector<Entry> entries;
};

}  // namespace platefs::fs
