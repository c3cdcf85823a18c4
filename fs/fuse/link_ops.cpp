// SPDX-License-Identifier: BSD-3-Clause
// readlink: where a symbolic link leads, relative to its own directory.
#include <cerrno>

#include "fs/fuse/fuse.h"
#include "fs/fuse/operation_call.h"
#include "fs/fuse/operations.h"

namespace platefs::fs {
namespace {

void readlink(fuse_req_t request, fuse_ino_t inode) {
  guarded_call(request, [&](Operations& ops, Reply& reply) {
    const auto node = ops.inodes.find(inode);
    if (!node) return reply.error(ESTALE);
    if (node->kind != NodeKind::Symlink) return reply.error(EINVAL);
    reply.link(node->link);
  });
}

}  // namespace

void add_link_operations(fuse_lowlevel_ops& operations) { operations.readlink = readlink; }

}  // namespace platefs::fs
