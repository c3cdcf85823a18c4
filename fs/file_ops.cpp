// SPDX-License-Identifier: BSD-3-Clause
// open, read, release: the exact size is known when open returns; a read waits for its range only.
#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <utility>
#include <vector>

#include "fs/fuse.h"
#include "fs/operation_call.h"
#include "fs/operations.h"

namespace platefs::fs {
namespace {

/// What an open file is: a text as it was at open, or one version of a plate's file.
struct FileHandle {
  std::shared_ptr<const std::string> text;
  std::shared_ptr<cache::OpenFile> file;
  bool is_counted = false;  ///< in BackingFiles
};

FileHandle* handle_of(const fuse_file_info* file) {
  return reinterpret_cast<FileHandle*>(file->fh);
}

#ifdef FUSE_CAP_PASSTHROUGH
int register_file(fuse_req_t request, const cache::OpenFile& file) {
  const int descriptor = file.whole_file();
  return descriptor < 0 ? 0 : fuse_passthrough_open(request, descriptor);
}

void give_back(fuse_req_t request, int number) {
  if (number > 0) fuse_passthrough_close(request, number);
}
#else
int register_file(fuse_req_t, const cache::OpenFile&) { return 0; }
void give_back(fuse_req_t, int) {}
#endif

void hand_out(Operations& ops, Reply& reply, fuse_ino_t inode, fuse_file_info file, FileHandle handle) {
  auto owned = std::make_unique<FileHandle>(std::move(handle));
  file.fh = reinterpret_cast<std::uint64_t>(owned.get());
  file.noflush = 1;
  const auto backing = [&](fuse_req_t request) {
    if (!owned->file) return 0;
    owned->is_counted = true;
    return ops.backing_files.open(inode, [&] { return register_file(request, *owned->file); });
  };
  if (reply.opened(file, backing)) return static_cast<void>(owned.release());  // release() has it now
  if (owned->is_counted) ops.backing_files.abandon(inode);
}

/// Who opens a file reads its beginning next. In the kernel's pages he finds it at once; asked for
/// with the pages behind it, as the kernel does, it would wait for what has not arrived yet.
void show_beginning(Operations& ops, fuse_ino_t inode, const cache::OpenFile& file) {
  const auto extent = file.first_bytes();
  if (!extent) return;
  std::vector<std::byte> bytes(extent->size);
  cache::copy_extent(*extent, bytes);
  fuse_bufvec pages = FUSE_BUFVEC_INIT(bytes.size());
  pages.buf[0].mem = bytes.data();
  fuse_lowlevel_notify_store(ops.session, inode, 0, &pages, static_cast<fuse_buf_copy_flags>(0));
}

void answer_open(Operations& ops, Reply& reply, fuse_ino_t inode, const Node& node,
                 fuse_file_info file, std::shared_ptr<cache::OpenFile> opened) {
  // Another version is another inode: the kernel looks the name up again when it hears ESTALE.
  if (opened->version() != node.version) return reply.error(ESTALE);
  // Attributes only: the kernel drops the estimate it may hold and asks for the exact size.
  fuse_lowlevel_notify_inval_inode(ops.session, inode, -1, 0);
  file.keep_cache = 1;
  show_beginning(ops, inode, *opened);
  hand_out(ops, reply, inode, file, {nullptr, std::move(opened)});
}

/// Their text is another one at every look, so no size that was told before holds for the one that is open:
/// it is read to its end, past the kernel's cache.
bool is_ever_changing(DocumentKind kind) {
  return kind == DocumentKind::Status || kind == DocumentKind::Log || kind == DocumentKind::Targets ||
         kind == DocumentKind::Errors;
}

/// The program would fetch the file to draw its icon.
bool is_turned_away(const Operations& ops, pid_t process, const cache::Product& product) {
  return product.facts().state != cache::ProductState::Cached && ops.guard.turns_away(process);
}

void open_product(Operations& ops, Reply& reply, fuse_ino_t inode, std::shared_ptr<const Node> node,
                  const fuse_file_info& file) {
  reply.make_interruptible();
  const auto withdraw_by = reply.withdraw_by();
  const auto& product = node->product;
  withdraw_by(product->open([&ops, inode, node, file, waiting = std::move(reply)](
                                vo::Outcome<std::shared_ptr<cache::OpenFile>> opened) mutable {
    if (!opened) return waiting.error(opened.error());
    finish_guarded(ops, waiting, [&] {
      answer_open(ops, waiting, inode, *node, file, std::move(opened).value());
    });
  }));
}

void open(fuse_req_t request, fuse_ino_t inode, fuse_file_info* file) {
  guarded_call(request, [&](Operations& ops, Reply& reply) {
    if ((file->flags & O_ACCMODE) != O_RDONLY) return reply.error(EROFS);
    auto node = ops.inodes.find(inode);
    if (!node) return reply.error(ESTALE);
    if (node->is_directory()) return reply.error(EISDIR);
    if (node->product && is_turned_away(ops, fuse_req_ctx(request)->pid, *node->product)) {
      return reply.error(EACCES);
    }
    if (node->product) {
      const auto opened = node;
      open_product(ops, reply, inode, std::move(node), *file);
      return ops.run_ahead.on_open(*opened);  // behind the reader's own question
    }
    fuse_lowlevel_notify_inval_inode(ops.session, inode, -1, 0);
    auto opened = *file;
    opened.direct_io = is_ever_changing(node->document);
    hand_out(ops, reply, inode, opened, {ops.documents.text(*node), nullptr});
  });
}

void read(fuse_req_t request, fuse_ino_t, std::size_t size, off_t offset, fuse_file_info* file) {
  guarded_call(request, [&](Operations&, Reply& reply) {
    const auto* handle = handle_of(file);
    const auto first = static_cast<std::uint64_t>(offset);
    // The answer may reach the reader before read() returns, and a reader that closes takes the
    // handle.
    if (const auto text = handle->text) {
      const std::string_view all{*text};
      return reply.bytes(all.substr(std::min<std::size_t>(first, all.size()), size));
    }
    const auto opened = handle->file;
    const auto wanted = vo::ByteRange{first, first + size}.clipped_to(opened->size());
    if (wanted.empty()) return reply.bytes({});
    opened->read(wanted, [waiting = std::move(reply)](vo::Outcome<cache::Extent> got) mutable {
      if (!got) return waiting.error(got.error());
      waiting.extent(got.value());
    });
  });
}

void release(fuse_req_t request, fuse_ino_t inode, fuse_file_info* file) {
  const std::unique_ptr<FileHandle> handle{handle_of(file)};
  auto& ops = *static_cast<Operations*>(fuse_req_userdata(request));
  if (handle->is_counted) give_back(request, ops.backing_files.close(inode));
  fuse_reply_err(request, 0);
}

}  // namespace

void add_file_operations(fuse_lowlevel_ops& operations) {
  operations.open = open;
  operations.read = read;
  operations.release = release;
}

}  // namespace platefs::fs
