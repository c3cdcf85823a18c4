// SPDX-License-Identifier: BSD-3-Clause
// Whatever would change something: EROFS. The kernel refuses it by itself, until root remounts it writable.
#include <cerrno>

#include "fs/fuse/fuse.h"
#include "fs/fuse/operations.h"

namespace platefs::fs {
namespace {

template <typename... Arguments>
void refuse(fuse_req_t request, Arguments...) {
  fuse_reply_err(request, EROFS);
}

}  // namespace

void add_refused_operations(fuse_lowlevel_ops& operations) {
  operations.setattr = refuse;
  operations.mknod = refuse;
  operations.mkdir = refuse;
  operations.unlink = refuse;
  operations.rmdir = refuse;
  operations.symlink = refuse;
  operations.rename = refuse;
  operations.link = refuse;
  operations.create = refuse;
  operations.setxattr = refuse;
  operations.removexattr = refuse;
}

}  // namespace platefs::fs
