// SPDX-License-Identifier: BSD-3-Clause
// open, read, release: the kernel has the exact size when open returns; a read waits for its range only.
#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <memory>
#include <utility>
#include <vector>

#include "fs/fuse/fuse.h"
#include "fs/fuse/operation_call.h"
#include "fs/fuse/operations.h"

namespace platefs::fs {
namespace {

struct FileHandle {
  OpenContent content;
  bool is_through_pages = false;  ///< counted in the inode's SizeBelief
  bool is_counted = false;        ///< in BackingFiles
  Activity::Token in_use = {};    ///< while not all of it is here
};

FileHandle* file_handle(const fuse_file_info* file) { return reinterpret_cast<FileHandle*>(file->fh); }

#ifdef FUSE_CAP_PASSTHROUGH
int register_file(fuse_req_t request, const cache::OpenFile& file) {
  const auto whole = file.whole_file();  // the kernel keeps the file that it is shown
  return whole ? fuse_passthrough_open(request, whole->fd) : 0;
}

void give_back(fuse_req_t request, int number) {
  if (number > 0) fuse_passthrough_close(request, number);
}
#else
int register_file(fuse_req_t, const cache::OpenFile&) { return 0; }
void give_back(fuse_req_t, int) {}
#endif

/// One opening on its way through the steps below.
struct Opening {
  Operations& ops;
  fuse_ino_t inode;
  fuse_file_info file;
  pid_t thread;
  bool is_second;  ///< the kernel looked the name up because of our ESTALE: it will not do so again
  Activity::Token in_use = {};
};

void stop_sharing_pages(Operations& ops, fuse_ino_t inode) {
  ops.inodes.with_size(inode, false, [](SizeBelief& belief) { return belief.close(), true; });
}

void hand_out(const Opening& opening, Reply& reply, OpenContent content, bool is_through_pages) {
  auto& ops = opening.ops;
  const auto inode = opening.inode;
  auto owned = std::make_unique<FileHandle>(FileHandle{std::move(content), is_through_pages, false, opening.in_use});
  auto file = opening.file;
  file.fh = reinterpret_cast<std::uint64_t>(owned.get());
  file.noflush = 1;
  file.direct_io = !is_through_pages;
  file.keep_cache =
      is_through_pages && ops.inodes.with_size(inode, false, [](SizeBelief& belief) { return belief.keeps_pages(); });
  const auto backing = [&](fuse_req_t request) {
    if (!owned->content.file || !is_through_pages) return 0;
    owned->is_counted = true;
    return ops.backing_files.open(inode, [&] { return register_file(request, *owned->content.file); });
  };
  if (reply.opened(file, backing)) return static_cast<void>(owned.release());  // release() has it now
  if (owned->is_counted) ops.backing_files.abandon(inode);
  if (is_through_pages) stop_sharing_pages(ops, inode);
}

/// The content is kept for the caller, so that its bytes are not given up meanwhile; not for long, since the
/// caller may have been killed.
bool expect_again(Operations& ops, pid_t thread, fuse_ino_t inode, const OpenContent& content) {
  constexpr auto kLongEnough = std::chrono::seconds(2);
  const auto number = ops.returning.expect(thread, inode, content);
  if (!number) return false;
  ops.timer.after(kLongEnough, [&ops, thread, number = *number] {
    const auto missed = ops.returning.give_up(thread, number);
    if (missed && missed->inode != 0) stop_sharing_pages(ops, missed->inode);
  });
  return true;
}

/// Opens what there is, by way of another look-up where the kernel has to learn the size first.
void open_content(const Opening& opening, Reply& reply, const Node& node, OpenContent content) {
  auto& ops = opening.ops;
  const auto inode = opening.inode;
  const auto invalidate = [&] { fuse_lowlevel_notify_inval_inode(ops.session, inode, -1, 0); };
  const auto way = ops.inodes.with_size(inode, SizeBelief::Way::PastThePages,
                                        [&](SizeBelief& belief) { return belief.open(content, invalidate); });
  if (way == SizeBelief::Way::PastThePages && !opening.is_second && expect_again(ops, opening.thread, 0, {})) {
    // Another text is open under this inode; this one gets an inode of its own.
    if (!node.product) ops.tree.renew(node);
    return reply.error(ESTALE);
  }
  if (way != SizeBelief::Way::LookUpAgain) {
    return hand_out(opening, reply, std::move(content), way == SizeBelief::Way::ThroughPages);
  }
  if (!opening.is_second && expect_again(ops, opening.thread, inode, content)) return reply.error(ESTALE);
  stop_sharing_pages(ops, inode);
  hand_out(opening, reply, std::move(content), false);
}

/// The caller comes back from the look-up that it was sent to by open_content().
void open_again(const Opening& opening, Reply& reply, ReturningCallers::Return back) {
  const auto way = opening.ops.inodes.with_size(opening.inode, SizeBelief::Way::PastThePages, [&](SizeBelief& belief) {
    return belief.open_again(back.has_looked_up);
  });
  hand_out(opening, reply, std::move(back.content), way == SizeBelief::Way::ThroughPages);
}

/// A program that opens a file reads its beginning next. In the kernel's pages that is found at once; asked
/// for with the pages behind it, as the kernel does, it would wait for what has not arrived yet.
void show_beginning(Operations& ops, fuse_ino_t inode, const cache::OpenFile& file) {
  const auto extent = file.first_bytes();
  if (!extent) return;
  std::vector<std::byte> bytes(extent->size);
  cache::copy_extent(*extent, bytes);
  fuse_bufvec pages = FUSE_BUFVEC_INIT(bytes.size());
  pages.buf[0].mem = bytes.data();
  fuse_lowlevel_notify_store(ops.session, inode, 0, &pages, static_cast<fuse_buf_copy_flags>(0));
}

void answer_open(const Opening& opening, Reply& reply, const Node& node, std::shared_ptr<cache::OpenFile> opened) {
  // Another version is another inode: the kernel looks the name up again when it hears ESTALE.
  if (opened->version() != node.version) {
    expect_again(opening.ops, opening.thread, 0, {});
    return reply.error(ESTALE);
  }
  show_beginning(opening.ops, opening.inode, *opened);
  open_content(opening, reply, node, {nullptr, std::move(opened)});
}

/// Not of a file that is another now (the caller finds the new one), nor of one that nobody waits for any more.
bool may_be_stood_in_for(const vo::Error& error) {
  return error.kind() != vo::ErrorKind::Changed && error.kind() != vo::ErrorKind::Cancelled;
}

void answer_failed_open(const Opening& opening, Reply& reply, const Node& node, const vo::Error& error) {
  auto stand_in =
      may_be_stood_in_for(error) ? opening.ops.documents.placeholder(node, error.message()) : OpenContent{}.text;
  if (!stand_in) return reply.error(error);
  finish_guarded(opening.ops, reply, [&] { open_content(opening, reply, node, {std::move(stand_in), nullptr}); });
}

/// Their text is another one at every look, so no size that was told before holds for the one that is open:
/// it is read to its end, past the kernel's cache.
bool is_ever_changing(DocumentKind kind) {
  return kind == DocumentKind::Status || kind == DocumentKind::Now || kind == DocumentKind::TargetsPage ||
         kind == DocumentKind::Log || kind == DocumentKind::Targets || kind == DocumentKind::Errors;
}

/// The program would fetch the file to draw its icon.
bool is_turned_away(const Operations& ops, pid_t process, const cache::Product& product) {
  return product.facts().state != cache::ProductState::Cached && ops.guard.turns_away(process);
}

void open_product(const Opening& opening, Reply& reply, std::shared_ptr<const Node> node) {
  reply.make_interruptible(opening.ops.interrupts, InterruptWatch::Heed::Interrupts);
  const auto withdraw_by = reply.withdraw_by();
  const auto& product = node->product;
  withdraw_by(product->open(
      [opening, node, waiting = std::move(reply)](vo::Outcome<std::shared_ptr<cache::OpenFile>> opened) mutable {
        if (!opened) return answer_failed_open(opening, waiting, *node, opened.error());
        finish_guarded(opening.ops, waiting, [&] { answer_open(opening, waiting, *node, std::move(opened).value()); });
      }));
}

/// The archive's own document may be known no more (forgotten, evicted, expired): it is asked for again, and what can't
/// be had is an error, not an empty file.
void open_datalink(const Opening& opening, Reply& reply, std::shared_ptr<const Node> node) {
  using Links = std::shared_ptr<const cache::LinksAnswer>;
  reply.make_interruptible(opening.ops.interrupts, InterruptWatch::Heed::Interrupts);
  const auto ref = node->plate->ref;
  opening.ops.library.links_of(
      ref, [opening, node = std::move(node), waiting = std::move(reply)](vo::Outcome<Links> links) mutable {
        if (!links) return waiting.error(links.error());
        const auto answer = std::move(links).value();
        if (answer->served.empty()) return waiting.error(ENOENT);
        finish_guarded(opening.ops, waiting, [&] {
          open_content(opening, waiting, *node, {std::shared_ptr<const std::string>{answer, &answer->served}, nullptr});
        });
      });
}

void open_document(const Opening& opening, Reply& reply, std::shared_ptr<const Node> node) {
  OpenContent content{opening.ops.documents.text(*node), nullptr};
  if (is_ever_changing(node->document)) return hand_out(opening, reply, std::move(content), false);
  if (node->document == DocumentKind::Datalink && content.text->empty()) {
    return open_datalink(opening, reply, std::move(node));
  }
  open_content(opening, reply, *node, std::move(content));
}

/// The names from the root on, as they were looked up.
std::string path_of(const Operations& ops, std::uint64_t inode) {
  std::string path;
  for (int depth = 0; inode != kRootInode && depth < 8; ++depth) {
    const auto place = ops.inodes.place_of(inode);
    if (!place) break;
    path = path.empty() ? place->name : place->name + "/" + path;
    inode = place->directory;
  }
  return path;
}

Activity::Token token_of(const Operations& ops, const Node& node, std::uint64_t inode, pid_t thread) {
  if (!node.product || node.product->facts().state == cache::ProductState::Cached) return {};
  return ops.activity.note(path_of(ops, inode), node.product, thread);
}

void open(fuse_req_t request, fuse_ino_t inode, fuse_file_info* file) {
  guarded_call(request, [&](Operations& ops, Reply& reply) {
    const auto thread = fuse_req_ctx(request)->pid;
    auto back = ops.returning.take(thread);
    if ((file->flags & O_ACCMODE) != O_RDONLY || (file->flags & O_TRUNC) != 0) return reply.error(EROFS);
    auto node = ops.inodes.find(inode);
    if (!node) return reply.error(ESTALE);
    if (node->is_directory()) return reply.error(EISDIR);
    const Opening opening{ops, inode, *file, thread, back.has_value(), token_of(ops, *node, inode, thread)};
    if (back && back->inode == inode) return open_again(opening, reply, std::move(*back));
    if (back && back->inode != 0) stop_sharing_pages(ops, back->inode);
    if (!node->product) {
      ops.prefetch.on_open(*node);
      return open_document(opening, reply, std::move(node));
    }
    if (is_turned_away(ops, thread, *node->product)) return reply.error(EACCES);
    const auto opened = node;
    open_product(opening, reply, std::move(node));
    ops.prefetch.on_open(*opened);  // behind the reader's own question
  });
}

/// The text that is read now: the log is followed while it is open.
std::shared_ptr<const std::string> text_of(Operations& ops, const FileHandle& handle, fuse_ino_t inode) {
  if (handle.is_through_pages || !handle.content.text) return handle.content.text;
  const auto node = ops.inodes.find(inode);
  const bool is_followed = node && node->kind == NodeKind::Document && node->document == DocumentKind::Log;
  return is_followed ? ops.documents.text(*node) : handle.content.text;
}

/// `again`: may be read once more when the cached file was cut short behind our back. What it held is fetched then.
void answer_read(cache::OpenFile& file, vo::ByteRange wanted, Reply reply, std::weak_ptr<cache::OpenFile> again) {
  file.read(wanted,
            [waiting = std::move(reply), wanted, again = std::move(again)](vo::Outcome<cache::Extent> got) mutable {
              if (!got) return waiting.error(got.error());
              if (waiting.extent(got.value())) return;
              const auto still_open = again.lock();
              if (!still_open) return waiting.error(EIO);
              answer_read(*still_open, wanted, std::move(waiting), {});
            });
}

void read(fuse_req_t request, fuse_ino_t inode, std::size_t size, off_t offset, fuse_file_info* file) {
  guarded_call(request, [&](Operations& ops, Reply& reply) {
    const auto* handle = file_handle(file);
    const auto first = static_cast<std::uint64_t>(offset);
    // The answer may reach the reader before read() returns, and a reader that closes takes the
    // handle.
    if (const auto text = text_of(ops, *handle, inode)) {
      const std::string_view all{*text};
      return reply.bytes(all.substr(std::min<std::size_t>(first, all.size()), size));
    }
    const auto opened = handle->content.file;
    const auto wanted = vo::ByteRange{first, first + size}.clipped_to(opened->size());
    if (wanted.empty()) return reply.bytes({});
    // A read into the kernel's pages is many programs'; one past them is the caller's own.
    const bool is_its_own = (file->flags & O_DIRECT) != 0 || !handle->is_through_pages;
    reply.make_interruptible(ops.interrupts,
                             is_its_own ? InterruptWatch::Heed::Interrupts : InterruptWatch::Heed::Ends);
    answer_read(*opened, wanted, std::move(reply), opened);
  });
}

void release(fuse_req_t request, fuse_ino_t inode, fuse_file_info* file) {
  const std::unique_ptr<FileHandle> handle{file_handle(file)};
  auto& ops = *static_cast<Operations*>(fuse_req_userdata(request));
  if (handle->is_through_pages) stop_sharing_pages(ops, inode);
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
