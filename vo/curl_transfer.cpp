// SPDX-License-Identifier: BSD-3-Clause
#include "vo/curl_transfer.h"

#include <fmt/core.h>

#include <algorithm>
#include <random>
#include <utility>

#include "vo/content_encoding.h"
#include "vo/curl_failure.h"

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

bool is_credential(std::string_view header) {
  const auto same = [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a - 'A' + 'a' : a) == b; };
  const auto is = [&](std::string_view name) {
    return std::equal(header.begin(), header.end(), name.begin(), name.end(), same);
  };
  return is("authorization") || is("cookie") || is("proxy-authorization");
}

CurlTransfer::Wait remaining(CurlTransfer::Clock::time_point deadline,
                             CurlTransfer::Clock::time_point now) {
  return std::chrono::duration_cast<CurlTransfer::Wait>(deadline - now);
}

}  // namespace

CurlTransfer::CurlTransfer(StartCommand command, const CurlOptions& options)
    : id_(command.id),
      request_(std::move(command.request)),
      handler_(std::move(command.handler)),
      options_(options),
      time_left_(options.timeout) {}

CurlTransfer::~CurlTransfer() {
  if (handler_) end(Error{ErrorKind::LocalIo, "the transfer could not be made"});
}

void CurlTransfer::enter_queue(Clock::time_point now) {
  if (deadline_ != Clock::time_point{}) time_left_ = std::max(remaining(deadline_, now), Wait{1});
}

CurlEasy& CurlTransfer::begin_attempt(CurlHost& host, HostHealth::Entry entry,
                                      Clock::time_point now) {
  host_ = &host;
  entry_ = entry;
  began_ = now;
  ++host.requests;
  ++attempt_;
  status_ = 0;
  discarded_ = 0;
  next_.reset();
  head_ = {};
  deadline_ = now + time_left_;
  encoded_ = encoded_from(host);
  easy_ = std::make_unique<CurlEasy>(options_, request_, encoded_, host.cookies, *this);
  return *easy_;
}

/// A file that is gzip by its name is taken as it is.
Encoded CurlTransfer::encoded_from(const CurlHost& host) const {
  const bool is_gzip_file = !request_.compressible && request_.url.path().ends_with(".gz");
  return is_gzip_file || host.has_unknown_encodings ? Encoded::AsSent : Encoded::Undone;
}

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
    entry_ = HostHealth::Entry::Normal;  // what follows is no longer the probe's business
  }
  if (const auto target = redirect_target(head)) {
    note_progress();
    next_ = Redirected{*target};
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

std::optional<CurlTransfer::Wait> CurlTransfer::wait_after(FailedAttempt failed,
                                                           Clock::time_point now) const {
  failed.attempt = attempt_;
  failed.time_left = remaining(deadline_, now);
  failed.jitter = random_jitter();
  return wait_before_retry(options_.retry, failed);
}

void CurlTransfer::hand_out_head(http::Head& head) {
  const auto announced = head.content_length();
  if (announced && *announced > request_.max_body && head.status != 304) {
    throw Error{ErrorKind::Malformed, fmt::format("the answer announces {} bytes, the limit is {}",
                                                  *announced, request_.max_body)};
  }
  settle_encoding(head, encoded_);
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

CurlTransfer::Outcome CurlTransfer::conclude(int code, Clock::time_point now) {
  Outcome outcome = Ended{std::nullopt};
  const bool is_put_aside = next_.has_value();
  if (verdict_) {
    outcome = Ended{verdict_};
  } else if (next_) {
    outcome = *std::exchange(next_, std::nullopt);
  } else if (code != 0) {
    outcome = after_failure(code, now);
  }
  // A host that answered is well, even if its answer was more than somebody wanted.
  const bool answered = status_ != 0 && !is_busy_status(status_);
  const bool broke_off = code != 0 && !verdict_ && !is_put_aside;
  if (!answered || broke_off) {
    ++host_->failures;
    host_->health.failed(entry_, began_, now);
  }
  easy_.reset();
  host_ = nullptr;
  return outcome;
}

CurlTransfer::Outcome CurlTransfer::after_failure(int code, Clock::time_point now) {
  const auto failure = failure_of(code, easy_->system_error());
  if (!head_handed_out_ && failure.may_pass) {
    if (const auto wait = wait_after({.kind = failure.kind}, now))
      return Again{*wait, broken(code)};
  }
  return Ended{broken(code)};
}

Error CurlTransfer::broken(int code) const {
  const auto kind = failure_of(code, easy_->system_error()).kind;
  auto message = fmt::format("{}: {}", story(), easy_->reason(code));
  if (head_handed_out_) {
    const auto announced = easy_->bytes_announced();
    message = fmt::format("{}: the answer broke off after {} {}bytes ({})", story(),
                          easy_->bytes_received(),
                          announced ? fmt::format("of {} ", *announced) : "", easy_->reason(code));
  } else if (attempt_ > 1) {
    message += fmt::format(" (attempt {})", attempt_);
  }
  return {kind, message};
}

void CurlTransfer::abandon() {
  if (host_ != nullptr) host_->health.abandoned(entry_);
  easy_.reset();
  host_ = nullptr;
}

Error CurlTransfer::time_out(Clock::time_point now) {
  ++host_->failures;
  host_->health.failed(entry_, began_, now);
  const auto seconds = std::chrono::duration<double>(options_.timeout).count();
  Error error{ErrorKind::TimedOut, fmt::format("{}: no byte for {} s, after {} bytes", story(),
                                               seconds, easy_->bytes_received())};
  easy_.reset();
  host_ = nullptr;
  return error;
}

void CurlTransfer::go_to(const Url& target) {
  if (target.origin() != request_.url.origin()) {
    std::erase_if(request_.headers, [](const auto& each) { return is_credential(each.first); });
  }
  // 307 and 308 repeat the question as it was; the others mean "GET the answer there".
  if (status_ != 307 && status_ != 308) request_.become_get();
  request_.url = target;
  ++redirects_;
  --attempt_;  // the next host's first answer is no repetition
}

void CurlTransfer::end(std::optional<Error> error) noexcept {
  const auto handler = std::exchange(handler_, nullptr);
  try {
    handler->on_end(std::move(error));
  } catch (...) {  // NOLINT(bugprone-empty-catch): nobody is left who could be told
  }
}

int CurlTransfer::resume(Clock::time_point now) {
  if (!paused_ || !easy_) return 0;
  paused_ = false;
  deadline_ = now + options_.timeout;
  return easy_->resume();
}

std::optional<CurlTransfer::Clock::time_point> CurlTransfer::deadline() const {
  if (!is_under_way() || paused_) return std::nullopt;
  return deadline_;
}

std::string CurlTransfer::story() const {
  return fmt::format("{} {}", request_.is_post() ? "POST" : "GET", request_.url.for_display());
}

TransferStatus CurlTransfer::status(Clock::time_point now) const {
  return {.url = request_.url.for_display(),
          .priority = request_.priority,
          .age = std::chrono::duration_cast<std::chrono::milliseconds>(now - started_),
          .bytes = received_,
          .attempt = attempt_,
          .is_under_way = is_under_way(),
          .is_paused = paused_};
}

}  // namespace platefs::vo
