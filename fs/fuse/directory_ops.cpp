// SPDX-License-Identifier: BSD-3-Clause
// opendir, readdir, readdirplus, releasedir: entering a directory asks, listing it does not.
#include <atomic>
#include <cerrno>
#include <memory>
#include <utility>
#include <vector>

#include "fs/fuse/fuse.h"
#include "fs/fuse/operation_call.h"
#include "fs/fuse/operations.h"

namespace platefs::fs {
namespace {

using Listing = std::shared_ptr<const DirectoryListing>;

/// An opened directory. What rewinddir() goes back to is its beginning, as it is then.
struct DirectoryHandle {
  vo::Guarded<Listing> listing;
  std::atomic<bool> is_begun{false};
};

DirectoryHandle* directory_handle(const fuse_file_info* file) { return reinterpret_cast<DirectoryHandle*>(file->fh); }

Listing listing(Operations& ops, std::vector<NamedNode> children, fuse_ino_t inode) {
  auto list = std::make_shared<DirectoryListing>();
  list->entries.push_back({".", inode, std::nullopt});
  list->entries.push_back({"..", ops.inodes.place_of(inode).value_or(Place{}).directory, std::nullopt});
  list->entries.reserve(children.size() + 2);
  for (auto& child : children) {
    const auto number = ops.inodes.number_of(child.node.identity);
    list->entries.push_back({std::move(child.name), number, std::move(child.node)});
  }
  return list;
}

/// What is listed from `offset` on; from the beginning, once more, it is what there is now.
Listing listing_for(Operations& ops, DirectoryHandle& handle, fuse_ino_t inode, off_t offset) {
  if (offset == 0 && handle.is_begun.exchange(true)) {
    if (const auto directory = ops.inodes.find(inode)) {
      auto present = listing(ops, ops.tree.children(*directory), inode);
      *handle.listing.lock() = present;
      return present;
    }
  }
  return *handle.listing.lock();
}

void answer_opendir(Operations& ops, Reply& reply, std::vector<NamedNode> children, fuse_ino_t inode,
                    fuse_file_info file) {
  auto handle = std::make_unique<DirectoryHandle>();
  *handle->listing.lock() = listing(ops, std::move(children), inode);
  file.fh = reinterpret_cast<std::uint64_t>(handle.get());
  if (reply.opened(file)) static_cast<void>(handle.release());  // releasedir has it now
}

void opendir(fuse_req_t request, fuse_ino_t inode, fuse_file_info* file) {
  guarded_call(request, [&](Operations& ops, Reply& reply) {
    const auto directory = ops.inodes.find(inode);
    if (!directory) return reply.error(ESTALE);
    reply.make_interruptible(ops.interrupts, InterruptWatch::Heed::Interrupts);
    ops.tree.list(*directory, [&ops, inode, file = *file,
                               waiting = std::move(reply)](vo::Outcome<std::vector<NamedNode>> children) mutable {
      if (!children) return waiting.error(children.error());
      finish_guarded(ops, waiting, [&] { answer_opendir(ops, waiting, std::move(children).value(), inode, file); });
    });
  });
}

struct stat type_and_number(const DirectoryListing::Entry& entry) {
  struct stat stat = {};
  stat.st_ino = entry.inode;
  stat.st_mode = !entry.node || entry.node->is_directory() ? S_IFDIR
                 : entry.node->kind == NodeKind::Symlink   ? S_IFLNK
                                                           : S_IFREG;
  return stat;
}

/// Puts entries from `offset` on into a buffer of `size` bytes as long as `add` says that they fit.
template <typename Add>
void fill(fuse_req_t request, Reply& reply, const DirectoryListing& list, std::size_t size, off_t offset,
          const Add& add) {
  std::vector<char> buffer(size);
  std::size_t used = 0;
  for (auto i = static_cast<std::size_t>(offset); i < list.entries.size(); ++i) {
    const std::size_t taken =
        add(request, buffer.data() + used, size - used, list.entries[i], static_cast<off_t>(i + 1));
    if (taken == 0) break;
    used += taken;
  }
  reply.bytes({buffer.data(), used});
}

std::size_t add_plain(fuse_req_t request, char* at, std::size_t room, const DirectoryListing::Entry& entry,
                      off_t next) {
  const auto stat = type_and_number(entry);
  const auto taken = fuse_add_direntry(request, at, room, entry.name.c_str(), &stat, next);
  return taken <= room ? taken : 0;
}

void readdir(fuse_req_t request, fuse_ino_t inode, std::size_t size, off_t offset, fuse_file_info* file) {
  guarded_call(request, [&](Operations& ops, Reply& reply) {
    fill(request, reply, *listing_for(ops, *directory_handle(file), inode, offset), size, offset, add_plain);
  });
}

void readdirplus(fuse_req_t request, fuse_ino_t inode, std::size_t size, off_t offset, fuse_file_info* file) {
  guarded_call(request, [&](Operations& ops, Reply& reply) {
    const auto add_plus = [&ops, inode, thread = fuse_req_ctx(request)->pid](fuse_req_t to, char* at, std::size_t room,
                                                                             const DirectoryListing::Entry& entry,
                                                                             off_t next) -> std::size_t {
      fuse_entry_param parameters = {};
      parameters.attr = type_and_number(entry);
      const auto needed = fuse_add_direntry_plus(to, nullptr, 0, entry.name.c_str(), &parameters, next);
      if (needed > room) return 0;
      // A text would have to be made for its size, which the kernel asks for again: it is found by its name.
      const bool is_text = entry.node && entry.node->kind == NodeKind::Document;
      if (entry.node && !is_text) {  // counted as a lookup only when it is handed out
        parameters.ino = ops.inodes.remember(*entry.node, {inode, entry.name});
        const auto attributes = attributes_for_kernel(ops, *entry.node, parameters.ino, thread);
        parameters.attr = attributes.stat;
        parameters.attr_timeout = attributes.attribute_timeout;
        parameters.entry_timeout = attributes.entry_timeout;
      }
      return fuse_add_direntry_plus(to, at, room, entry.name.c_str(), &parameters, next);
    };
    fill(request, reply, *listing_for(ops, *directory_handle(file), inode, offset), size, offset, add_plus);
  });
}

void releasedir(fuse_req_t request, fuse_ino_t, fuse_file_info* file) {
  delete directory_handle(file);
  fuse_reply_err(request, 0);
}

}  // namespace

void add_directory_operations(fuse_lowlevel_ops& operations) {
  operations.opendir = opendir;
  operations.readdir = readdir;
  operations.readdirplus = readdirplus;
  operations.releasedir = releasedir;
}

}  // namespace platefs::fs
