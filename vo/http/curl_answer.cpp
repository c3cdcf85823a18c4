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

std::optional<std::chrono::milliseconds> retry_after_of(const http::Head& head) {
  const auto text = head.header("retry-after");
  const auto asked_for = text ? http::parse_retry_after(*text, std::chrono::system_clock::now()) : std::nullopt;
  constexpr std::chrono::seconds kADay{86400};  // what would not fit into a clock
  return asked_for ? std::optional<std::chrono::milliseconds>{std::min(*asked_for, kADay)} : std::nullopt;
}

/// Not that it is out of order: then it would not say for how long.
bool says_too_many(const http::Head& head) {
  return head.status == 429 || (head.status == 503 && retry_after_of(head) > std::chrono::milliseconds{0});
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
  if (is_by_gateway_) {
    if (is_to_go_past_gateway(head)) return;
  } else {
    context_.gateway.passed(origin(), std::chrono::duration_cast<Wait>(Clock::now() - began_));
  }
  is_limited_ = says_too_many(head);
  if (!is_busy_status(status_) || is_limited_) {
    host_->health.succeeded();
    entry_ = CircuitBreaker::Entry::Normal;  // what follows is no longer the probe's business
  }
  if (!is_busy_status(status_)) host_->pace.answered(Clock::now());
  if (reached_) context_.borders.note(request_.url.host(), *reached_);
  if (const auto target = redirect_target(head)) {
    note_progress();
    next_ = Redirected{*target};
  } else if (is_about_old_connection(head)) {
    host_->distrust_connections(Clock::now());
    needs_new_connection_ = true;
    next_ = Again{Wait{0}, error_of_status(head, {})};
  } else if (is_limited_ && is_held_by(head)) {
    next_ = Held{error_of_status(head, {})};
  } else if (const auto wait = is_limited_ ? std::nullopt : wait_after(head)) {
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

/// The host is held, not this request alone. False: that would be longer than anybody waits here.
bool CurlTransfer::is_held_by(const http::Head& head) {
  const auto now = Clock::now();
  const auto asked_for = retry_after_of(head);
  // Out of order for hours may be what was asked for, not the host.
  if (head.status == 503 && asked_for > busy_patience()) return false;
  host_->pace.refused(began_, now, asked_for);
  context_.warn_once(fmt::format("{} answers only so many requests (HTTP status {}): it is asked more slowly",
                                 request_.url.origin(), head.status));
  if (!refused_since_) refused_since_ = now;
  const bool is_hinted = asked_for.value_or(Wait{0}) >= options().retry.first_wait;
  if (!is_hinted && ++unhinted_refusals_ >= options().retry.attempts && !options().busy_patience) return false;
  return host_->pace.held_until() < *refused_since_ + busy_patience();
}

std::optional<CurlTransfer::Wait> CurlTransfer::wait_after(const http::Head& head) const {
  FailedAttempt failed{.status = head.status};
  failed.retry_after = retry_after_of(head);
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
