// SPDX-License-Identifier: BSD-3-Clause
#include "fs/fuse/node_search.h"

#include <utility>

#include "vo/base/error.h"

namespace platefs::fs {
namespace {

vo::Error is_stale() { return {vo::ErrorKind::Changed, "the file of this handle is not known any more"}; }

void answer_child(Operations& ops, const Node& directory, const std::string& name,
                  vo::Completion<std::optional<Node>>& done) {
  try {
    done(ops.tree.child(directory, name));
  } catch (...) {
    done(vo::current_error("looking up a name"));
  }
}

}  // namespace

void find_child(Operations& ops, std::shared_ptr<const Node> directory, std::string name,
                vo::Completion<std::optional<Node>> done) {
  if (!ops.tree.needs_preparation(*directory, name)) return answer_child(ops, *directory, name, done);
  const auto asked = directory;
  const auto wanted = name;
  ops.tree.prepare(*asked, wanted,
                   [&ops, directory = std::move(directory), name = std::move(name),
                    done = std::move(done)](const vo::Outcome<bool>& prepared) mutable {
                     // errors.txt tells why the rest is missing, so it can be had without an answer.
                     if (!prepared && name != "errors.txt") return done(prepared.error());
                     answer_child(ops, *directory, name, done);
                   });
}

void recall_node(Operations& ops, std::uint64_t inode, vo::Completion<std::shared_ptr<const Node>> done) {
  if (auto known = ops.inodes.find(inode)) return done(std::move(known));
  const auto place = ops.inodes.place_of(inode);
  if (!place) return done(is_stale());
  recall_node(ops, place->directory,
              [&ops, inode, name = place->name,
               done = std::move(done)](vo::Outcome<std::shared_ptr<const Node>> directory) mutable {
                if (!directory) return done(directory.error());
                find_child(ops, std::move(directory).value(), name,
                           [&ops, inode, done = std::move(done)](vo::Outcome<std::optional<Node>> child) mutable {
                             if (!child) return done(child.error());
                             auto& node = child.value();
                             if (!node || ops.inodes.number_of(node->identity) != inode) return done(is_stale());
                             done(std::make_shared<const Node>(std::move(*node)));
                           });
              });
}

}  // namespace platefs::fs
