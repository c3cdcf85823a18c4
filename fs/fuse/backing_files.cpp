// SPDX-License-Identifier: BSD-3-Clause
#include "fs/fuse/backing_files.h"

#include <algorithm>

namespace platefs::fs {

int BackingFiles::open(std::uint64_t inode, const std::function<int()>& register_file) {
  const auto uses = uses_.lock();
  auto& use = (*uses)[inode];
  if (use.openings == 0 && use.number == 0) use.number = std::max(register_file(), 0);
  ++use.openings;
  return use.number;
}

int BackingFiles::close(std::uint64_t inode) {
  const auto uses = uses_.lock();
  const auto found = uses->find(inode);
  if (found == uses->end() || --found->second.openings > 0) return 0;
  const auto number = found->second.number;
  uses->erase(found);
  return number;
}

void BackingFiles::abandon(std::uint64_t inode) {
  const auto uses = uses_.lock();
  const auto found = uses->find(inode);
  if (found == uses->end() || --found->second.openings > 0 || found->second.number > 0) return;
  uses->erase(found);
}

}  // namespace platefs::fs
