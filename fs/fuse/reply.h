// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string_view>

#include "cache/store/store.h"
#include "fs/fuse/interrupt_watch.h"
#include "vo/base/error.h"

struct fuse_req;
struct fuse_entry_param;
struct fuse_file_info;
struct stat;
struct statvfs;

namespace platefs::fs {

/// Exactly one answer to one kernel request, from any thread; EIO if it is dropped unanswered.
///
/// An interruptible request is answered EINTR when the caller gets a signal that ends its waiting
/// (pending_signals.h); the real answer, should it come later, then goes nowhere. Move-only.
class Reply {
 public:
  explicit Reply(fuse_req* request);
  ~Reply();
  Reply(Reply&&) noexcept = default;
  Reply& operator=(Reply&&) noexcept;

  /// From here on a signal to the caller that `heed` speaks of answers EINTR and runs what withdraw_by() was
  /// given. `watch` outlives every reply.
  void make_interruptible(InterruptWatch& watch, InterruptWatch::Heed heed);
  /// How to withdraw the question that this reply waits for. Runs at once if it is too late already.
  std::function<void(std::function<void()>)> withdraw_by() const;

  void error(int number);
  void error(const vo::Error& error);
  /// False: the caller is gone (interrupted), the kernel did not take the entry.
  bool entry(const fuse_entry_param& entry);
  void attributes(const struct stat& attributes, double timeout);
  /// False: the caller is gone (interrupted), so the handle in `file` stays the server's to release.
  /// `backing` may ask the kernel, by this request, for the number of a file that it reads in our place.
  bool opened(fuse_file_info file, const std::function<int(fuse_req*)>& backing = {});
  void bytes(std::string_view bytes);
  /// False: its file can't be read any more, and nothing is answered yet.
  bool extent(const cache::Extent& extent);
  void link(const std::string& path);
  void xattr_size(std::size_t size);
  void filesystem(const struct statvfs& facts);

 private:
  struct State;
  fuse_req* claim();

  std::shared_ptr<State> state_;
};

}  // namespace platefs::fs
