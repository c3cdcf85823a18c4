// SPDX-License-Identifier: BSD-3-Clause
#include "vo/http/transport.h"

#include <fmt/core.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>

namespace platefs::vo {
namespace {

constexpr std::size_t kLongestExcerpt = 200;

/// Collects one answer for the thread that waits for it.
class Collector : public TransferHandler {
 public:
  void on_head(const http::Head& head) override {
    const std::lock_guard lock(mutex_);
    response_.head = head;
  }

  Flow on_body(std::span<const std::byte> bytes) override {
    const std::lock_guard lock(mutex_);
    response_.body.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    return Flow::Continue;
  }

  void on_end(std::optional<Error> error) override {
    {
      const std::lock_guard lock(mutex_);
      error_ = std::move(error);
      ended_ = true;
    }
    changed_.notify_all();
  }

  /// False when `stop` came first.
  bool wait(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    return changed_.wait(lock, stop, [this] { return ended_; });
  }

  http::Response take() {
    const std::lock_guard lock(mutex_);
    if (error_) throw *error_;
    return std::move(response_);
  }

 private:
  std::mutex mutex_;
  std::condition_variable_any changed_;
  http::Response response_;
  std::optional<Error> error_;
  bool ended_ = false;
};

bool is_text(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\n' && c != '\r' && c != '\t') || byte == 0x7f;
  });
}

/// One line, blanks collapsed.
std::string on_one_line(std::string_view text) {
  std::string line;
  for (const char c : text) {
    const bool blank = c == ' ' || c == '\n' || c == '\r' || c == '\t';
    if (!blank) {
      line += c;
    } else if (!line.empty() && line.back() != ' ') {
      line += ' ';
    }
  }
  if (line.ends_with(' ')) line.pop_back();
  return line;
}

void shorten(std::string& line) {
  if (line.size() <= kLongestExcerpt) return;
  std::size_t size = kLongestExcerpt;
  while (size > 0 && (static_cast<unsigned char>(line[size]) & 0xC0) == 0x80) --size;  // UTF-8
  line.resize(size);
  line += "…";
}

/// What of a body is worth showing: markup and binary are not.
std::string readable_part(std::string_view excerpt) {
  if (!is_text(excerpt.substr(0, 2 * kLongestExcerpt))) return {};
  auto line = on_one_line(excerpt);
  if (line.starts_with('<')) return {};
  shorten(line);
  return line;
}

ErrorKind kind_of_status(int status) {
  if (status == 401 || status == 403 || status == 407) return ErrorKind::NotAuthorized;
  if (status == 404 || status == 410) return ErrorKind::NotFound;
  if (status == 429 || status >= 500) return ErrorKind::Unavailable;
  if (status == 204 || status >= 400) return ErrorKind::Rejected;
  return ErrorKind::Malformed;
}

}  // namespace

http::Response fetch(Transport& transport, http::Request request, const std::stop_token& stop) {
  const auto shown = request.url.for_display();
  const auto collector = std::make_shared<Collector>();
  const auto ticket = transport.start(std::move(request), collector);
  if (collector->wait(stop)) return collector->take();
  // Whoever asked to stop is not made to wait for the transport; the collector outlives this call.
  ticket.cancel();
  throw Error{ErrorKind::Cancelled, fmt::format("{}: nobody waits for the answer", shown)};
}

Error error_of_status(const http::Head& head, std::string_view excerpt) {
  const auto* who = head.status == 407 ? "the proxy on the way to " : "";
  auto message = fmt::format("{}{} answered with HTTP status {}", who, head.url.for_display(), head.status);
  const auto shown = readable_part(excerpt);
  if (!shown.empty()) message += ": " + shown;
  return {kind_of_status(head.status), message};
}

}  // namespace platefs::vo
