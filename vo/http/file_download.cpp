// SPDX-License-Identifier: BSD-3-Clause
#include "vo/http/file_download.h"

#include <fmt/core.h>
#include <unistd.h>

#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

namespace platefs::vo {
namespace {

constexpr std::size_t kMostWaiting = std::size_t{4} << 20;

/// What came and is not on the disk yet.
class Pipe final : public TransferHandler {
 public:
  void on_head(const http::Head& head) override {
    const std::lock_guard lock(mutex_);
    head_ = head;
  }

  Flow on_body(std::span<const std::byte> bytes) override {
    {
      const std::lock_guard lock(mutex_);
      if (head_.status != 200) return Flow::Continue;
      if (!waiting_.empty() && waiting_.size() + bytes.size() > kMostWaiting) {
        is_paused_ = true;
        return Flow::Pause;
      }
      waiting_.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    }
    changed_.notify_all();
    return Flow::Continue;
  }

  void on_end(std::optional<Error> error) override {
    {
      const std::lock_guard lock(mutex_);
      error_ = std::move(error);
      has_ended_ = true;
    }
    changed_.notify_all();
  }

  struct Piece {
    std::string bytes;
    bool has_ended = false, was_paused = false;
  };
  /// Waits for more; nothing on `stop`.
  std::optional<Piece> next(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    if (!changed_.wait(lock, stop, [this] { return has_ended_ || !waiting_.empty(); })) return std::nullopt;
    return Piece{std::exchange(waiting_, {}), has_ended_, std::exchange(is_paused_, false)};
  }

  http::Head head() {
    const std::lock_guard lock(mutex_);
    if (error_) throw *error_;
    return head_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable_any changed_;
  http::Head head_;
  std::string waiting_;
  std::optional<Error> error_;
  bool has_ended_ = false, is_paused_ = false;
};

void write_piece(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) {
      const auto kind = errno == ENOSPC || errno == EDQUOT ? ErrorKind::NoSpace : ErrorKind::LocalIo;
      throw Error{kind, fmt::format("writing what came: {}", std::strerror(errno))};
    }
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

}  // namespace

http::Head fetch_to_file(Transport& transport, http::Request request, int fd, const std::stop_token& stop) {
  const auto shown = request.url.for_display();
  const auto pipe = std::make_shared<Pipe>();
  const auto ticket = transport.start(std::move(request), pipe);
  try {
    while (true) {
      const auto piece = pipe->next(stop);
      if (!piece) throw Error{ErrorKind::Cancelled, fmt::format("{}: nobody waits for the answer", shown)};
      write_piece(fd, piece->bytes);
      if (piece->was_paused) ticket.resume();
      if (piece->has_ended) return pipe->head();
    }
  } catch (...) {
    ticket.cancel();
    throw;
  }
}

}  // namespace platefs::vo
