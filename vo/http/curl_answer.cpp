// SPDX-License-Identifier: BSD-3-Clause
// What an answer means: for the handler, or that it is to be had elsewhere or later.
#include <fmt/core.h>

#include <random>
#include <utility>

#include "vo/http/content_encoding.h"
#include "vo/http/curl_transfer.h"

namespace platefs::vo {
namespace {

constexpr int kMostRedirects = 10;
constexpr std::size_t kMostDiscarded = 64 * 1024;  // more costs more than a new connection

double random_jitter() {
  thread_local std::minstd_rand engine{std::random_device{}()};
  return std::uniform_real_distribution<double>{}(engine);
}

bool is_redirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

}  // namespace

bool CurlTransfer::on_header_line(std::string_view line) noexcept {
  try {
    if (!head_.take(line)) return true;
    head_.head().url = request_.url;
    judge_head(head_.head());
  } catch (...) {
    verdict_ = current_error(story());
  }
  return !verdict_;
}

void CurlTransfer::judge_head(http::Head& head) {
  status_ = head.status;
  if (!is_busy_status(status_)) {
    host_->health.succeeded();
    entry_ = CircuitBreaker::Entry::Normal;  // what follows is no longer the probe's business
  }
  if (reached_) context_.borders.note(request_.url.host(), *reached_);
  if (const auto target = redirect_target(head)) {
    note_progress();
    next_ = Redirected{*target};
  } else if (is_about_old_connection(head)) {
    host_->distrust_connections(Clock::now());
    needs_new_connection_ = true;
    next_ = Again{Wait{0}, error_of_status(head, {})};
  } else if (const auto wait = wait_after(head)) {
    next_ = Again{*wait, error_of_status(head, {})};
  } else if (encoded_ == Encoded::Undone && has_unknown_encoding(head)) {
    host_->has_unknown_encodings = true;
    next_ = Again{Wait{0}, Error{ErrorKind::Malformed, "an unknown Content-Encoding"}};
  } else {
    note_progress();
    hand_out_head(head);
  }
}

/// A server that was about to close a connection may say so (408) to the request that just then came by it.
bool CurlTransfer::is_about_old_connection(const http::Head& head) const {
  return head.status == 408 && is_on_kept_connection() && attempt_ < options().retry.attempts;
}

std::optional<Url> CurlTransfer::redirect_target(const http::Head& head) const {
  const auto location = head.header("location");
  if (!is_redirect(head.status) || !location) return std::nullopt;
  if (redirects_ >= kMostRedirects) {
    throw Error{ErrorKind::Rejected, fmt::format("redirected more than {} times", kMostRedirects)};
  }
  try {
    return request_.url.resolve(*location);
  } catch (const Error& error) {
    throw error.within("redirected");
  }
}

std::optional<CurlTransfer::Wait> CurlTransfer::wait_after(const http::Head& head) const {
  FailedAttempt failed{.status = head.status};
  const auto retry_after = head.header("retry-after");
  if (retry_after) {
    failed.retry_after = http::parse_retry_after(*retry_after, std::chrono::system_clock::now());
  }
  return wait_after(failed, Clock::now());
}

std::optional<CurlTransfer::Wait> CurlTransfer::wait_after(FailedAttempt failed, Clock::time_point now) const {
  failed.attempt = attempt_;
  failed.time_left = until_deadline(now);
  failed.jitter = random_jitter();
  return wait_before_retry(options().retry, failed);
}

void CurlTransfer::hand_out_head(http::Head& head) {
  const auto announced = head.content_length();
  if (announced && *announced > request_.max_body && head.status != 304) {
    throw Error{ErrorKind::Malformed,
                fmt::format("the answer announces {} bytes, the limit is {}", *announced, request_.max_body)};
  }
  settle_encoding(head, encoded_);
  head.waited = Clock::now() - began_;
  head_handed_out_ = true;
  handler_->on_head(head);
}

CurlListener::Answer CurlTransfer::on_bytes(std::span<const std::byte> bytes) noexcept {
  if (verdict_) return Answer::Abort;
  if (next_) return discard(bytes.size());
  try {
    note_progress();
    return hand_out(bytes);
  } catch (...) {
    verdict_ = current_error(story());
    return Answer::Abort;
  }
}

CurlListener::Answer CurlTransfer::discard(std::size_t size) {
  discarded_ += size;
  return discarded_ > kMostDiscarded ? Answer::Abort : Answer::Taken;
}

CurlListener::Answer CurlTransfer::hand_out(std::span<const std::byte> bytes) {
  if (bytes.size() > request_.max_body - received_) {
    throw Error{ErrorKind::Malformed,
                fmt::format("the answer is longer than the limit of {} bytes", request_.max_body)};
  }
  switch (handler_->on_body(bytes)) {
    case Flow::Pause:
      paused_ = true;
      return Answer::Pause;
    case Flow::Stop:
      throw Error{ErrorKind::Cancelled, "the reader has enough"};
    case Flow::Continue:
      break;
  }
  received_ += bytes.size();
  host_->bytes += bytes.size();
  return Answer::Taken;
}

}  // namespace platefs::vo
