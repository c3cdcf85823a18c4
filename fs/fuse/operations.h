// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <memory>
#include <string>

#include "fs/fuse/backing_files.h"
#include "fs/fuse/directory_listing.h"
#include "fs/fuse/icon_guard.h"
#include "fs/fuse/inode_table.h"
#include "fs/fuse/interrupt_watch.h"
#include "fs/fuse/reply.h"
#include "fs/fuse/returning_callers.h"
#include "fs/pages/attributes.h"
#include "fs/pages/documents.h"
#include "fs/tree/activity.h"
#include "fs/tree/plate_prefetch.h"
#include "fs/tree/tree.h"
#include "vo/base/timer.h"

struct fuse_session;
struct fuse_lowlevel_ops;

// Begin with lookup_ops.cpp, which answers names, and file_ops.cpp, which opens and reads.
namespace platefs::fs {

/// All that the FUSE calls work on; their user data. The calls themselves stand in *_ops.cpp, a few
/// lines each: decode, look up, reply or park. None of them waits.
struct Operations {
  cache::Library& library;
  const Documents& documents;
  const Tree& tree;
  const AttributePolicy& attributes;
  PlatePrefetch prefetch;
  const IconGuard& guard;
  Activity& activity;
  InodeTable inodes{Tree::root()};
  BackingFiles backing_files{};
  ReturningCallers returning{};
  fuse_session* session = nullptr;  ///< for what the kernel is told unasked

  /// Hears what an operation failed with that nobody expected (operation_call.h).
  std::function<void(std::string_view)> log;
  std::function<SignalWish(pid_t)> wish_of = wish_of_thread;
  InterruptWatch interrupts{timer, wish_of};
  vo::Timer timer{};  ///< last: it calls into all of this
};

/// The attributes of `node` as they go to the kernel now, for `thread`: every answer that carries attributes
/// takes them from here, since the kernel believes the size in them (size_belief.h).
Attributes attributes_for_kernel(Operations& operations, const Node& node, std::uint64_t inode, pid_t thread);

void add_lookup_operations(fuse_lowlevel_ops& operations);
void add_directory_operations(fuse_lowlevel_ops& operations);
void add_file_operations(fuse_lowlevel_ops& operations);
void add_link_operations(fuse_lowlevel_ops& operations);
void add_xattr_operations(fuse_lowlevel_ops& operations);
void add_refused_operations(fuse_lowlevel_ops& operations);

}  // namespace platefs::fs
