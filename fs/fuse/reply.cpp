// SPDX-License-Identifier: BSD-3-Clause
#include "fs/fuse/reply.h"

#include <fmt/core.h>
#include <sys/stat.h>
#include <sys/uio.h>

#include <atomic>
#include <cerrno>
#include <mutex>
#include <utility>
#include <vector>

#include "fs/fuse/errno_of.h"
#include "fs/fuse/fuse.h"
#include "fs/fuse/operations.h"

namespace platefs::fs {

/// Shared between the reply, who wants to withdraw, and libfuse's interrupt callback.
struct Reply::State : std::enable_shared_from_this<State> {
  explicit State(fuse_req* r) : request(r) {}

  void withdraw_by(std::function<void()> withdraw) {
    {
      const std::lock_guard lock(mutex);
      if (!interrupted) {
        on_interrupt = std::move(withdraw);
        return;
      }
    }
    withdraw();
  }

  // libfuse calls this with the request locked: clearing the callback (claim) waits for it to end, so
  // the state is alive at its start. It calls once: the kernel tells of the first signal only.
  static void interrupt(fuse_req_t request, void* data) {
    const auto self = static_cast<State*>(data)->shared_from_this();
    if (self->answered) return;
    if (self->watch->ends_wait(self->thread, self->heed)) return self->give_in(request);
    self->watch->look_again([weak = std::weak_ptr{self}] {
      const auto state = weak.lock();
      return !state || state->is_over();
    });
  }

  // The request is looked at by the one who may answer it only: nobody else knows whether it still exists.
  void give_in(fuse_req_t locked) {
    if (answered.exchange(true)) return;
    if (locked == nullptr) fuse_req_interrupt_func(request, nullptr, nullptr);
    fuse_reply_err(request, EINTR);
    std::function<void()> withdraw;
    {
      const std::lock_guard lock(mutex);
      interrupted = true;
      withdraw = std::exchange(on_interrupt, nullptr);
    }
    if (withdraw) withdraw();
  }

  bool is_over() {
    if (!answered && watch->ends_wait(thread, heed)) give_in(nullptr);
    return answered;
  }

  fuse_req* request;
  std::atomic<bool> answered{false};
  InterruptWatch* watch = nullptr;  ///< null: not interruptible
  InterruptWatch::Heed heed{};
  pid_t thread = 0;           ///< the caller's
  bool may_withdraw = false;  ///< set before the reply is handed on: one that nothing withdraws takes no lock
  std::mutex mutex;           ///< guards the two below
  bool interrupted = false;
  std::function<void()> on_interrupt;
};

Reply::Reply(fuse_req* request) : state_(std::make_shared<State>(request)) {}

Reply::~Reply() {
  if (state_) error(EIO);
}

Reply& Reply::operator=(Reply&& other) noexcept {
  if (this != &other) {
    if (state_) error(EIO);
    state_ = std::move(other.state_);
  }
  return *this;
}

void Reply::make_interruptible(InterruptWatch& watch, InterruptWatch::Heed heed) {
  state_->watch = &watch;
  state_->heed = heed;
  state_->thread = fuse_req_ctx(state_->request)->pid;
  fuse_req_interrupt_func(state_->request, &State::interrupt, state_.get());
}

std::function<void(std::function<void()>)> Reply::withdraw_by() const {
  state_->may_withdraw = true;
  return [state = state_](std::function<void()> withdraw) { state->withdraw_by(std::move(withdraw)); };
}

/// The request, for the one who may answer it; null when it has its answer.
fuse_req* Reply::claim() {
  const auto state = std::exchange(state_, nullptr);
  if (!state || state->answered.exchange(true)) return nullptr;
  if (state->watch != nullptr) fuse_req_interrupt_func(state->request, nullptr, nullptr);
  std::function<void()> dropped;
  if (state->may_withdraw) {
    const std::lock_guard lock(state->mutex);
    dropped = std::exchange(state->on_interrupt, nullptr);
  }
  return state->request;
}

void Reply::error(int number) {
  if (auto* request = claim()) fuse_reply_err(request, number);
}

void Reply::error(const vo::Error& error) {
  // Whoever was interrupted has its answer. This one still waits, and those who should have answered are gone.
  if (error.kind() == vo::ErrorKind::Cancelled && state_ && !state_->answered) {
    const auto* ops = static_cast<const Operations*>(fuse_req_userdata(state_->request));
    if (ops != nullptr && ops->log) ops->log(fmt::format("a request of the kernel ends in EIO: {}", error.message()));
  }
  this->error(errno_of(error.kind()));
}

bool Reply::entry(const fuse_entry_param& entry) {
  auto* request = claim();
  return request != nullptr && fuse_reply_entry(request, &entry) == 0;
}

void Reply::attributes(const struct stat& attributes, double timeout) {
  if (auto* request = claim()) fuse_reply_attr(request, &attributes, timeout);
}

bool Reply::opened(fuse_file_info file, [[maybe_unused]] const std::function<int(fuse_req*)>& backing) {
  auto* request = claim();
#ifdef FUSE_CAP_PASSTHROUGH
  if (request != nullptr && backing) file.backing_id = backing(request);
  if (file.backing_id > 0) file.keep_cache = 0;  // the kernel's pages of an inode and of its file are one or the other
#endif
  return request != nullptr && fuse_reply_open(request, &file) == 0;
}

void Reply::bytes(std::string_view bytes) {
  if (auto* request = claim()) fuse_reply_buf(request, bytes.data(), bytes.size());
}

bool Reply::extent(const cache::Extent& extent) {
  if (extent.fd < 0) {
    auto* request = claim();
    if (request == nullptr) return true;
    std::vector<iovec> pieces;
    for (const auto& piece : extent.memory) {
      pieces.push_back({const_cast<std::byte*>(piece.data()), piece.size()});
    }
    fuse_reply_iov(request, pieces.data(), static_cast<int>(pieces.size()));
    return true;
  }
  thread_local cache::Buffer buffer;
  buffer.resize(extent.size);
  try {
    cache::copy_extent(extent, buffer);
  } catch (const vo::Error&) {
    return false;
  }
  if (auto* request = claim()) fuse_reply_buf(request, reinterpret_cast<const char*>(buffer.data()), buffer.size());
  return true;
}

void Reply::link(const std::string& path) {
  if (fuse_req* request = claim()) fuse_reply_readlink(request, path.c_str());
}

void Reply::xattr_size(std::size_t size) {
  if (auto* request = claim()) fuse_reply_xattr(request, size);
}

void Reply::filesystem(const struct statvfs& facts) {
  if (auto* request = claim()) fuse_reply_statfs(request, &facts);
}

}  // namespace platefs::fs
