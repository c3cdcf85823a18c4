// SPDX-License-Identifier: BSD-3-Clause
// lookup, forget, getattr, statfs: what a name means and what it looks like.
#include <sys/statvfs.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <string_view>
#include <utility>

#include "fs/fuse/fuse.h"
#include "fs/fuse/node_search.h"
#include "fs/fuse/operation_call.h"
#include "fs/fuse/operations.h"

namespace platefs::fs {
namespace {

constexpr double kNeverATarget = 60.0;
constexpr std::size_t kLongestName = 255;  // NAME_MAX; FUSE itself would take more

// What is missing in a target may be there after the next answer; what is no target stays none.
double negative_timeout(const Node& directory) { return directory.kind == NodeKind::Root ? kNeverATarget : 0.0; }

void reply_negative(Reply& reply, const Node& directory) {
  const double timeout = negative_timeout(directory);
  if (timeout == 0.0) return reply.error(ENOENT);
  fuse_entry_param entry = {};
  entry.entry_timeout = timeout;
  reply.entry(entry);
}

void answer_entry(Operations& ops, Reply& reply, Node node, Place place, pid_t thread) {
  const auto known = node;
  const auto inode = ops.inodes.remember(std::move(node), std::move(place));
  const auto attributes = attributes_for_kernel(ops, known, inode, thread);
  fuse_entry_param entry = {};
  entry.ino = inode;
  entry.attr = attributes.stat;
  entry.attr_timeout = attributes.attribute_timeout;
  entry.entry_timeout = attributes.entry_timeout;
  // An interrupted caller never hears of the entry, so the kernel will not forget it either.
  if (!reply.entry(entry)) ops.inodes.forget(inode, 1);
}

/// A program that has a handle of a file or directory that the kernel forgot (exportfs, open_by_handle_at) asks for it
/// by
/// "." in itself, and for its directory by "..".
void look_up_by_number(Operations& ops, Reply& reply, fuse_ino_t inode, pid_t thread) {
  reply.make_interruptible(ops.interrupts, InterruptWatch::Heed::Interrupts);
  recall_node(
      ops, inode,
      [&ops, inode, thread, waiting = std::move(reply)](const vo::Outcome<std::shared_ptr<const Node>>& found) mutable {
        if (!found) return waiting.error(found.error());
        finish_guarded(ops, waiting, [&] {
          answer_entry(ops, waiting, *found.value(), ops.inodes.place_of(inode).value_or(Place{}), thread);
        });
      });
}

void look_up_by_name(Operations& ops, Reply& reply, fuse_ino_t parent, std::string name, pid_t thread) {
  auto directory = ops.inodes.find(parent);
  if (!directory) return reply.error(ESTALE);
  auto found = ops.tree.find(*directory, name);
  const auto answer = [directory, parent, name, thread](Operations& ops, Reply& reply, Tree::Child child) {
    if (!child) return reply_negative(reply, *directory);
    answer_entry(ops, reply, std::move(*child), {parent, name}, thread);
  };
  if (auto* child = std::get_if<Tree::Child>(&found)) return answer(ops, reply, std::move(*child));
  reply.make_interruptible(ops.interrupts, InterruptWatch::Heed::Interrupts);
  std::get<Tree::Question>(found)([&ops, answer, waiting = std::move(reply)](vo::Outcome<Tree::Child> told) mutable {
    if (!told) return waiting.error(told.error());
    finish_guarded(ops, waiting, [&] { answer(ops, waiting, std::move(told).value()); });
  });
}

void lookup(fuse_req_t request, fuse_ino_t parent, const char* name) {
  guarded_call(request, [&](Operations& ops, Reply& reply) {
    const std::string_view wanted{name};
    const auto thread = fuse_req_ctx(request)->pid;
    if (wanted.size() > kLongestName) return reply.error(ENAMETOOLONG);
    if (wanted == ".") return look_up_by_number(ops, reply, parent, thread);
    if (wanted == "..") {
      const auto place = ops.inodes.place_of(parent);
      if (!place) return reply.error(ESTALE);
      return look_up_by_number(ops, reply, place->directory, thread);
    }
    look_up_by_name(ops, reply, parent, std::string{wanted}, thread);
  });
}

void forget(fuse_req_t request, fuse_ino_t inode, std::uint64_t lookups) {
  operations_of(request).inodes.forget(inode, lookups);
  fuse_reply_none(request);
}

void forget_multi(fuse_req_t request, std::size_t count, fuse_forget_data* forgets) {
  auto& inodes = operations_of(request).inodes;
  for (std::size_t i = 0; i < count; ++i) inodes.forget(forgets[i].ino, forgets[i].nlookup);
  fuse_reply_none(request);
}

void getattr(fuse_req_t request, fuse_ino_t inode, fuse_file_info*) {
  guarded_call(request, [&](Operations& ops, Reply& reply) {
    const auto node = ops.inodes.find(inode);
    if (!node) return reply.error(ESTALE);
    if (node->product && node->product->facts().version != node->version) return reply.error(ESTALE);
    const auto attributes = attributes_for_kernel(ops, *node, inode, fuse_req_ctx(request)->pid);
    reply.attributes(attributes.stat, attributes.attribute_timeout);
  });
}

// The cache's size and quota, from memory: df must never wait for anybody.
void statfs(fuse_req_t request, fuse_ino_t) {
  guarded_call(request, [&](Operations& ops, Reply& reply) {
    const auto usage = ops.library.usage();
    struct statvfs facts = {};
    facts.f_bsize = facts.f_frsize = 4096;
    facts.f_blocks = usage.quota / 4096;
    facts.f_bfree = facts.f_bavail = (usage.quota - std::min(usage.bytes, usage.quota)) / 4096;
    // Inodes are not counted: `df -i` shows "-", where a number without any free would be an alarm.
    facts.f_files = facts.f_ffree = facts.f_favail = 0;
    facts.f_namemax = kLongestName;
    facts.f_flag = ST_RDONLY;
    reply.filesystem(facts);
  });
}

}  // namespace

Attributes attributes_for_kernel(Operations& ops, const Node& node, std::uint64_t inode, pid_t thread) {
  auto attributes = ops.attributes.of(node, inode);
  if (node.is_directory() || node.kind == NodeKind::Symlink) return attributes;
  auto& size = attributes.stat.st_size;
  const auto known = static_cast<std::uint64_t>(size);
  size = static_cast<off_t>(ops.inodes.with_size(inode, known, [&](SizeBelief& belief) { return belief.tell(known); }));
  ops.returning.note_attributes(thread, inode);
  return attributes;
}

void add_lookup_operations(fuse_lowlevel_ops& operations) {
  operations.lookup = lookup;
  operations.forget = forget;
  operations.forget_multi = forget_multi;
  operations.getattr = getattr;
  operations.statfs = statfs;
}

}  // namespace platefs::fs
