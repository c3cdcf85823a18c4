// SPDX-License-Identifier: BSD-3-Clause
#include "cache/fetch/multi_range_request.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "cache/fetch/response_check.h"

namespace platefs::cache {

using vo::ByteRange;
using vo::Error;
using vo::ErrorKind;
using vo::Flow;

namespace {

constexpr std::uint64_t kOverheadOfPart = 600;
constexpr std::uint64_t kFreeOverhead = 64 * 1024;

/// Ranges, or so many of them, are not to the server's taste: its line of headers is too short, or it has
/// a limit of its own.
bool refuses_ranges(int status) {
  return status == 400 || status == 413 || status == 416 || status == 431 || status == 501;
}

bool sends_if_range(const RemoteVersion& version) {
  return version.is_if_range_understood && !version.validators.etag.empty();
}

}  // namespace

MultiRangeRequest::MultiRangeRequest(RemoteVersion version, RangeRequest asked, std::shared_ptr<Box> box)
    : version_(std::move(version)), box_(std::move(box)), sent_if_range_(sends_if_range(version_)) {
  answer_.bytes.resize(size_of(asked));
  answer_.asked = std::move(asked);
}

MultiRangeRequest::Running MultiRangeRequest::start(vo::Transport& transport, const RemoteVersion& version,
                                                    RangeRequest asked) {
  vo::http::Request request{.url = version.url};
  request.on_behalf_of = version.service;
  request.headers.emplace_back("Range", range_header(asked));
  if (sends_if_range(version)) request.headers.emplace_back("If-Range", version.validators.etag);
  if (version.is_asked_past_caches) request.go_past_caches();
  auto box = std::make_shared<Box>();
  auto transfer = std::make_shared<MultiRangeRequest>(version, std::move(asked), box);
  return {box, transport.start(std::move(request), std::move(transfer))};
}

void MultiRangeRequest::on_head(const vo::http::Head& head) {
  head_ = head;
  answered_ = Clock::now();
  answer_.until_head = head.waited;
  try {
    judge(head);
  } catch (const Error& error) {
    refused_ = error;
  }
}

void MultiRangeRequest::judge(const vo::http::Head& head) {
  if (head.status == 206) {
    judge_version(head);
    answer_.from = head.url;
    return begin_partial(head);
  }
  if (head.status == 416) judge_total(head);
  if (refuses_ranges(head.status)) {
    answer_.ignored_ranges = true;
    return;
  }
  if (head.status == 412 && sent_if_range_) {
    answer_.misread_if_range = true;  // for If-Match, in another sense
    return;
  }
  if (head.status == 200) {
    judge_version(head);
    const auto length = head.content_length();
    if (length && *length != version_.size) {
      throw Error{ErrorKind::Changed,
                  fmt::format("{} now has {} bytes instead of {}", head.url.for_display(), *length, version_.size)};
    }
    // It may send the whole to any If-Range: without one it may know ranges. Whose version is whose, answers tell.
    answer_.misread_if_range = sent_if_range_;
    answer_.ignored_ranges = !sent_if_range_;
    return;
  }
  if (head.status < 400) {
    throw Error{ErrorKind::Malformed,
                fmt::format("{} answered a request for ranges with status {}", head.url.for_display(), head.status)};
  }
}

void MultiRangeRequest::judge_version(const vo::http::Head& head) const {
  if (same_version(version_.validators, validators_of(head))) return;
  throw Error{ErrorKind::Changed, fmt::format("{} was replaced by the archive", head.url.for_display())};
}

void MultiRangeRequest::judge_total(const vo::http::Head& head) const {
  const auto range = vo::http::parse_content_range(head.header("content-range").value_or(""));
  if (!range || !range->total || *range->total == version_.size) return;
  throw Error{ErrorKind::Changed,
              fmt::format("{} now has {} bytes instead of {}", head.url.for_display(), *range->total, version_.size)};
}

void MultiRangeRequest::begin_partial(const vo::http::Head& head) {
  if (const auto boundary = vo::byteranges_boundary(head.header("content-type").value_or(""))) {
    parts_.emplace(*boundary, static_cast<Listener&>(*this));
    return;
  }
  const auto text = head.header("content-range").value_or("");
  const auto range = vo::http::parse_content_range(text);
  if (!range || range->range.empty()) {
    throw Error{ErrorKind::Malformed,
                fmt::format("{} answered a request for ranges with Content-Range '{}'", head.url.for_display(), text)};
  }
  on_part(*range);
  offset_ = range->range.first;
  end_ = range->range.end;
}

// A server may leave ranges out and merge them, but it cuts none: what begins or ends elsewhere was counted
// wrongly, and its bytes cannot be trusted to be those it names.
void MultiRangeRequest::on_part(const vo::http::ContentRange& part) {
  if (part.total && *part.total != version_.size) {
    throw Error{ErrorKind::Changed,
                fmt::format("{} now has {} bytes instead of {}", head_.url.for_display(), *part.total, version_.size)};
  }
  const auto& asked = answer_.asked;
  const bool begins_well = std::ranges::count(asked, part.range.first, &ByteRange::first) > 0;
  const bool ends_well = std::ranges::count(asked, part.range.end, &ByteRange::end) > 0;
  if (begins_well && ends_well) return;
  throw Error{ErrorKind::Malformed, fmt::format("{} answered with bytes {} to {}, which nobody asked for",
                                                head_.url.for_display(), part.range.first, part.range.end)};
}

/// Merging ranges is the server's right; sending the gaps of a whole plate with them is worse than any other
/// way to ask.
bool MultiRangeRequest::is_too_much(std::size_t more) const {
  const auto most = 2 * answer_.bytes.size() + kOverheadOfPart * answer_.asked.size() + kFreeOverhead;
  return answer_.body_bytes + more > most;
}

Flow MultiRangeRequest::on_body(std::span<const std::byte> bytes) {
  if (refused_ || is_of_no_use()) return Flow::Stop;
  if (head_.status >= 400) return add_to_excerpt(excerpt_, bytes);
  answer_.too_much = is_too_much(bytes.size());
  if (answer_.too_much) return Flow::Stop;
  answer_.body_bytes += bytes.size();
  try {
    if (parts_) {
      parts_->take(bytes);
    } else {
      const auto size = std::min<std::uint64_t>(end_ - offset_, bytes.size());
      on_bytes(offset_, bytes.first(size));
      offset_ += size;
    }
  } catch (const Error& error) {
    refused_ = error;
  }
  return refused_ ? Flow::Stop : Flow::Continue;
}

void MultiRangeRequest::on_bytes(std::uint64_t offset, std::span<const std::byte> bytes) {
  const ByteRange here{offset, offset + bytes.size()};
  std::size_t at = 0;
  for (const auto& range : answer_.asked) {
    const ByteRange common{std::max(range.first, here.first), std::min(range.end, here.end)};
    if (!common.empty()) {
      std::memcpy(answer_.bytes.data() + at + (common.first - range.first), bytes.data() + (common.first - here.first),
                  common.size());
      answer_.got.add(common);
    }
    at += range.size();
  }
}

void MultiRangeRequest::on_end(std::optional<Error> error) {
  answer_.until_end = answer_.until_head + (Clock::now() - answered_);
  if (!refused_ && !is_of_no_use() && head_.status >= 400) {
    refused_ = vo::error_of_status(head_, excerpt_);
  }
  if (refused_) error = refused_;
  if (!is_of_no_use() && !answer_.too_much) answer_.error = std::move(error);
  box_->put(std::move(answer_));
}

}  // namespace platefs::cache
