// SPDX-License-Identifier: BSD-3-Clause
#include "vo/http/local_files.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <ctime>
#include <mutex>
#include <utility>

#include "vo/base/error.h"

namespace platefs::vo {
namespace {

constexpr int kReaders = 4;
constexpr std::size_t kPieceOfFile = 256 * 1024;

bool is_of_file(const Url& url) { return url.scheme() == "file"; }

[[noreturn]] void refuse_file(const std::string& path, std::string_view why) {
  throw Error{ErrorKind::NotAuthorized, fmt::format("{}: {}", path, why)};
}

/// The file that may be read; follows no link out of the folder of the table.
std::filesystem::path permitted(const http::Request& request) {
  const auto path = request.url.file_path();
  if (!request.on_behalf_of || !is_of_file(*request.on_behalf_of)) {
    refuse_file(path, "only a table on this machine may name files of it");
  }
  std::error_code problem;
  const auto folder = std::filesystem::canonical(request.on_behalf_of->file_path(), problem).parent_path();
  if (problem) refuse_file(path, "the table that names it is gone");
  const auto file = std::filesystem::canonical(path, problem);
  if (problem) throw Error{ErrorKind::NotFound, fmt::format("{}: {}", path, problem.message())};
  const auto below = file.lexically_relative(folder);
  if (below.empty() || *below.begin() == "..") {
    refuse_file(path, fmt::format("it is not below {}, the folder of the table", folder.string()));
  }
  return file;
}

std::string http_time(const timespec& time) {
  std::tm parts{};
  ::gmtime_r(&time.tv_sec, &parts);
  char text[64];
  // Not strftime's names, which follow the locale.
  static constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                            "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto end =
      fmt::format_to_n(text, sizeof text, "{}, {:02} {} {} {:02}:{:02}:{:02} GMT", kDays[parts.tm_wday], parts.tm_mday,
                       kMonths[parts.tm_mon], parts.tm_year + 1900, parts.tm_hour, parts.tm_min, parts.tm_sec);
  return {text, end.size};
}

}  // namespace

/// One file on its way to a handler: read by jobs of the pool, one at a time, until the handler wants a pause.
class LocalFiles::Reading final : public TransferTicket::Handle, public std::enable_shared_from_this<Reading> {
 public:
  Reading(http::Request request, std::shared_ptr<TransferHandler> handler, std::weak_ptr<WorkerPool> pool)
      : request_(std::move(request)), handler_(std::move(handler)), pool_(std::move(pool)) {}
  ~Reading() override {
    if (fd_ >= 0) ::close(fd_);
  }
  Reading(const Reading&) = delete;
  Reading& operator=(const Reading&) = delete;

  void cancel() override {
    {
      const std::lock_guard lock(mutex_);
      is_cancelled_ = true;
    }
    go_on();
  }
  void resume() override { go_on(); }

  /// Has a job read on, unless one does already: that one then looks again.
  void go_on() {
    {
      const std::lock_guard lock(mutex_);
      if (has_ended_) return;
      is_wanted_ = true;
      if (std::exchange(is_running_, true)) return;
    }
    const auto pool = pool_.lock();
    if (pool) pool->post([self = shared_from_this()](const std::stop_token&) { self->work(); });
  }

  /// When no job runs any more.
  void end_at_last() { end(Error{ErrorKind::Cancelled, "platefs ends"}); }

 private:
  enum class Step { More, Pause, End };

  void work() {
    while (true) {
      {
        const std::lock_guard lock(mutex_);
        if (has_ended_ || !is_wanted_) {
          is_running_ = false;
          return;
        }
        is_wanted_ = false;
      }
      Step step = Step::More;
      while (step == Step::More) step = next_step();
      if (step == Step::End) return;
    }
  }

  Step next_step() {
    try {
      {
        const std::lock_guard lock(mutex_);
        if (is_cancelled_) throw Error{ErrorKind::Cancelled, "nobody waits for it"};
      }
      if (fd_ < 0) {
        open();
        return Step::More;
      }
      return send_piece();
    } catch (...) {
      end(current_error(fmt::format("reading {}", request_.url.file_path())));
      return Step::End;
    }
  }

  void open() {
    const auto path = permitted(request_);
    fd_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd_ < 0) {
      throw Error{errno == EACCES ? ErrorKind::NotAuthorized : ErrorKind::LocalIo, std::strerror(errno)};
    }
    struct stat facts {};
    if (::fstat(fd_, &facts) != 0) throw Error{ErrorKind::LocalIo, std::strerror(errno)};
    if (!S_ISREG(facts.st_mode)) throw Error{ErrorKind::Rejected, "it is no file"};
    answer(facts);
  }

  void answer(const struct stat& facts) {
    const auto size = static_cast<std::uint64_t>(facts.st_size);
    http::Head head;
    head.url = request_.url;
    head.status = 200;
    end_ = size;
    const auto several =
        std::ranges::any_of(request_.headers, [](const auto& header) { return header.first == "Range"; });
    if (several) {
      head.status = 416;  // one at a time
      end_ = 0;
    } else if (request_.range) {
      at_ = std::min(request_.range->first, size);
      end_ = std::min(request_.range->end, size);
      head.status = at_ < end_ ? 206 : 416;
      const auto range = at_ < end_ ? fmt::format("{}-{}", at_, end_ - 1) : "*";
      head.headers.emplace_back("content-range", fmt::format("bytes {}/{}", range, size));
    }
    head.headers.emplace_back("content-length", std::to_string(end_ - at_));
    head.headers.emplace_back("accept-ranges", "bytes");
    head.headers.emplace_back("etag", fmt::format("\"{:x}-{:x}-{:x}-{:x}\"", facts.st_size, facts.st_mtim.tv_sec,
                                                  facts.st_mtim.tv_nsec, facts.st_ino));
    head.headers.emplace_back("last-modified", http_time(facts.st_mtim));
    handler_->on_head(head);
  }

  Step send_piece() {
    if (at_ >= end_) {
      end(std::nullopt);
      return Step::End;
    }
    std::vector<std::byte> piece(static_cast<std::size_t>(std::min<std::uint64_t>(kPieceOfFile, end_ - at_)));
    const auto got = ::pread(fd_, piece.data(), piece.size(), static_cast<off_t>(at_));
    if (got < 0 && errno == EINTR) return Step::More;
    if (got < 0) throw Error{ErrorKind::LocalIo, std::strerror(errno)};
    if (got == 0) throw Error{ErrorKind::Unavailable, "the file became shorter while it was read"};
    switch (handler_->on_body(std::span{piece}.first(static_cast<std::size_t>(got)))) {
      case Flow::Continue:
        at_ += static_cast<std::uint64_t>(got);
        return Step::More;
      case Flow::Pause:
        return Step::Pause;
      case Flow::Stop:
        break;
    }
    throw Error{ErrorKind::Cancelled, "enough"};
  }

  void end(std::optional<Error> error) {
    {
      const std::lock_guard lock(mutex_);
      if (std::exchange(has_ended_, true)) return;
    }
    handler_->on_end(std::move(error));
  }

  const http::Request request_;
  const std::shared_ptr<TransferHandler> handler_;
  const std::weak_ptr<WorkerPool> pool_;
  int fd_ = -1;  // from here on: of the job that runs
  std::uint64_t at_ = 0, end_ = 0;

  std::mutex mutex_;
  bool is_running_ = false, is_wanted_ = false, is_cancelled_ = false, has_ended_ = false;
};

LocalFiles::LocalFiles(Transport& others) : others_(others), pool_(std::make_shared<WorkerPool>(kReaders)) {}

LocalFiles::~LocalFiles() { stop(); }

TransferTicket LocalFiles::start(http::Request request, std::shared_ptr<TransferHandler> handler) {
  if (!is_of_file(request.url)) return others_.start(std::move(request), std::move(handler));
  const auto reading = std::make_shared<Reading>(std::move(request), handler, pool_);
  {
    const auto state = state_.lock();
    if (!state->is_stopped) {
      std::erase_if(state->readings, [](const auto& each) { return each.expired(); });
      state->readings.push_back(reading);
      reading->go_on();
      return TransferTicket{reading};
    }
  }
  reading->end_at_last();
  return TransferTicket{reading};
}

void LocalFiles::expect_many(const Url& url) {
  if (!is_of_file(url)) others_.expect_many(url);
}

void LocalFiles::stop() {
  std::vector<std::weak_ptr<Reading>> left;
  {
    const auto state = state_.lock();
    if (std::exchange(state->is_stopped, true)) return;
    left.swap(state->readings);
  }
  for (const auto& each : left) {
    if (const auto reading = each.lock()) reading->cancel();
  }
  pool_->stop();
  for (const auto& each : left) {
    if (const auto reading = each.lock()) reading->end_at_last();
  }
}

}  // namespace platefs::vo
