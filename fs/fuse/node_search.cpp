// SPDX-License-Identifier: BSD-3-Clause
#include "fs/fuse/node_search.h"

#include <utility>

#include "vo/base/error.h"

namespace platefs::fs {
namespace {

vo::Error is_stale() { return {vo::ErrorKind::Changed, "the file of this handle is not known any more"}; }

}  // namespace

void recall_node(Operations& ops, std::uint64_t inode, vo::Completion<std::shared_ptr<const Node>> done) {
  if (auto known = ops.inodes.find(inode)) return done(std::move(known));
  const auto place = ops.inodes.place_of(inode);
  if (!place) return done(is_stale());
  recall_node(ops, place->directory,
              [&ops, inode, name = place->name,
               done = std::move(done)](vo::Outcome<std::shared_ptr<const Node>> directory) mutable {
                if (!directory) return done(directory.error());
                ops.tree.find(*directory.value(), name,
                              [&ops, inode, done = std::move(done)](vo::Outcome<std::optional<Node>> child) mutable {
                                if (!child) return done(child.error());
                                auto& node = child.value();
                                if (!node || ops.inodes.number_of(node->identity) != inode) return done(is_stale());
                                done(std::make_shared<const Node>(std::move(*node)));
                              });
              });
}

}  // namespace platefs::fs
