// SPDX-License-Identifier: BSD-3-Clause
#include "tools/commands/header_source.h"

#include <fmt/core.h>

#include <algorithm>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <utility>

#include "vo/base/error.h"
#include "vo/fits/hdu/header.h"

namespace platefs::tools {
namespace {

using vo::Error;
using vo::ErrorKind;

/// Behind what was expected: so much more at a time.
constexpr std::uint64_t kNext = 2 * vo::kFitsBlock;

/// The bytes of one answer up to a limit, at which it is given up: a server without ranges sends all.
class FirstBytes final : public vo::TransferHandler {
 public:
  explicit FirstBytes(std::uint64_t most) : most_(most) {}

  void on_head(const vo::http::Head& head) override {
    const std::lock_guard lock(mutex_);
    head_ = head;
  }
  vo::Flow on_body(std::span<const std::byte> bytes) override {
    const std::lock_guard lock(mutex_);
    const auto room = static_cast<std::size_t>(std::min<std::uint64_t>(most_ - bytes_.size(), bytes.size()));
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(room));
    is_full_ = room < bytes.size();
    return is_full_ ? vo::Flow::Stop : vo::Flow::Continue;
  }
  void on_end(std::optional<Error> error) override {
    {
      const std::lock_guard lock(mutex_);
      if (!is_full_) error_ = std::move(error);
      has_ended_ = true;
    }
    changed_.notify_all();
  }

  bool wait(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    return changed_.wait(lock, stop, [this] { return has_ended_; });
  }
  std::pair<vo::http::Head, std::vector<std::byte>> take() {
    const std::lock_guard lock(mutex_);
    if (error_) throw *error_;
    return {head_, std::move(bytes_)};
  }

 private:
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::uint64_t most_;
  vo::http::Head head_;
  std::vector<std::byte> bytes_;
  std::optional<Error> error_;
  bool is_full_ = false, has_ended_ = false;
};

std::string version_of(const vo::http::Head& head, std::uint64_t size) {
  return fmt::format("{}|{}|{}", head.header("etag").value_or(""), head.header("last-modified").value_or(""), size);
}

/// As conditions of a request: those that the server said of that version.
void ask_unless(vo::http::Request& request, const std::string& version) {
  const auto first = version.find('|'), last = version.rfind('|');
  if (first == last) return;
  const auto etag = version.substr(0, first), modified = version.substr(first + 1, last - first - 1);
  if (!etag.empty()) request.headers.emplace_back("If-None-Match", etag);
  if (!modified.empty()) request.headers.emplace_back("If-Modified-Since", modified);
}

}  // namespace

HeaderSource::HeaderSource(vo::Transport& transport, vo::Url url, std::stop_token stop, const std::string& version,
                           std::uint64_t expected)
    : transport_(transport), url_(std::move(url)), stop_(std::move(stop)) {
  fetch_until(std::max<std::uint64_t>(expected, vo::kFitsBlock), version);
}

bool HeaderSource::is_packed() const {
  return held_.size() > 1 && held_[0] == std::byte{0x1f} && held_[1] == std::byte{0x8b};
}

std::vector<std::byte> HeaderSource::fetched(vo::ByteRange range, const std::string& version) {
  vo::http::Request request{.url = url_};
  request.range = range;
  ask_unless(request, version);
  const auto handler = std::make_shared<FirstBytes>(range.end);
  const auto ticket = transport_.start(std::move(request), handler);
  if (!handler->wait(stop_)) {
    ticket.cancel();
    throw Error{ErrorKind::Cancelled, "interrupted"};
  }
  auto [head, bytes] = handler->take();
  if (head.status == 304 && !version.empty()) {
    answer_ = {version, true, std::nullopt};
    return {};
  }
  if (head.status != 200 && head.status != 206) throw vo::error_of_status(head, {});
  auto total = head.content_length();
  if (head.status == 206) {
    const auto part = vo::http::parse_content_range(head.header("content-range").value_or(""));
    if (!part || part->range.first != range.first) {
      throw Error::malformed(fmt::format("{} answered with another part than was asked for", url_.for_display()));
    }
    total = part->total;
  } else {
    bytes.erase(bytes.begin(),
                bytes.begin() + static_cast<std::ptrdiff_t>(std::min<std::uint64_t>(range.first, bytes.size())));
  }
  if (total) size_ = *total;
  auto said = version_of(head, total.value_or(0));
  if (!answer_.version.empty() && said != answer_.version) {
    throw Error{ErrorKind::Changed, fmt::format("{} was replaced while it was read", url_.for_display())};
  }
  answer_ = {std::move(said), false, total};
  return bytes;
}

void HeaderSource::fetch_until(std::uint64_t end, const std::string& version) {
  end = std::min(end, size_);
  if (end <= held_.size()) return;
  const auto bytes = fetched({held_.size(), end}, version);
  if (bytes.empty() && !answer_.is_unchanged) throw Error::malformed("the file ends inside a header");
  held_.insert(held_.end(), bytes.begin(), bytes.end());
}

void HeaderSource::read(std::span<const vo::ByteRange> ranges, std::span<std::byte> out) {
  for (const auto& range : ranges) {
    read_header(range, out.first(range.size()));
    out = out.subspan(range.size());
  }
}

void HeaderSource::read_header(vo::ByteRange range, std::span<std::byte> out) {
  // A header behind the data of another one.
  if (range.first > held_.size() + 16 * vo::kFitsBlock) return read_far(range, out);
  if (is_packed()) {
    fetch_until(range.end, {});
    if (range.end > held_.size()) throw Error::malformed("the file ends too early");
    std::copy_n(held_.begin() + static_cast<std::ptrdiff_t>(range.first), range.size(), out.begin());
    return;
  }
  std::size_t known_cards = 0;
  while (held_.size() < range.end) {
    if (held_.size() > range.first) {
      const std::span header{held_.data() + range.first, held_.size() - range.first};
      if (const auto size = vo::header_size(header, known_cards)) {
        headers_end_ = std::max(headers_end_, range.first + *size);
        break;
      }
      known_cards = header.size() / 80;
    }
    fetch_until(std::max(range.first, static_cast<std::uint64_t>(held_.size())) + kNext, {});
  }
  const auto held = std::min<std::uint64_t>(range.end, held_.size());
  const auto count = held - std::min(held, range.first);
  std::copy_n(held_.begin() + static_cast<std::ptrdiff_t>(range.first), count, out.begin());
  std::fill(out.begin() + static_cast<std::ptrdiff_t>(count), out.end(), std::byte{0});
  if (const auto size = vo::header_size(out)) headers_end_ = std::max(headers_end_, range.first + *size);
}

/// Such headers are few: one request for each stretch.
void HeaderSource::read_far(vo::ByteRange range, std::span<std::byte> out) {
  const auto bytes = fetched(range, {});
  if (bytes.size() < out.size()) throw Error::malformed("the file ends too early");
  std::copy_n(bytes.begin(), out.size(), out.begin());
}

}  // namespace platefs::tools
