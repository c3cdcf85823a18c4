// SPDX-License-Identifier: BSD-3-Clause
// getxattr, listxattr: where a file comes from and how it fares, without fetching it.
#include <cerrno>
#include <map>
#include <string>

#include "fs/fuse/fuse.h"
#include "fs/fuse/operation_call.h"
#include "fs/fuse/operations.h"
#include "fs/tree/xattrs.h"

namespace platefs::fs {
namespace {

void reply_value(Reply& reply, const std::string& value, std::size_t room) {
  if (room == 0) return reply.xattr_size(value.size());
  if (room < value.size()) return reply.error(ERANGE);
  reply.bytes(value);
}

/// What is opened in place of a file that failed is told apart from it.
std::map<std::string, std::string> xattrs(const Operations& ops, const Node& node) {
  auto xattrs = xattrs_of(node, ops.library);
  if (node.product && ops.documents.placeholder(node, node.product->facts())) {
    xattrs["user.platefs.state"] = "placeholder";
  }
  return xattrs;
}

void getxattr(fuse_req_t request, fuse_ino_t inode, const char* name, std::size_t room) {
  guarded_call(request, [&](Operations& ops, Reply& reply) {
    // `ls -l` asks for labels and ACLs of every entry; told that there are no such things here, it asks
    // once for the whole file system instead of three times for each of 2,000 plates.
    if (!std::string_view{name}.starts_with("user.")) return reply.error(ENOTSUP);
    const auto node = ops.inodes.find(inode);
    if (!node) return reply.error(ESTALE);
    const auto known = xattrs(ops, *node);
    const auto found = known.find(name);
    if (found == known.end()) return reply.error(ENODATA);
    reply_value(reply, found->second, room);
  });
}

void listxattr(fuse_req_t request, fuse_ino_t inode, std::size_t room) {
  guarded_call(request, [&](Operations& ops, Reply& reply) {
    const auto node = ops.inodes.find(inode);
    if (!node) return reply.error(ESTALE);
    std::string names;
    for (const auto& [name, value] : xattrs(ops, *node)) names.append(name).push_back('\0');
    reply_value(reply, names, room);
  });
}

}  // namespace

void add_xattr_operations(fuse_lowlevel_ops& operations) {
  operations.getxattr = getxattr;
  operations.listxattr = listxattr;
}

}  // namespace platefs::fs
