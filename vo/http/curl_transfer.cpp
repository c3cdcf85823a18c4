// SPDX-License-Identifier: BSD-3-Clause
#include "vo/http/curl_transfer.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "vo/base/ascii.h"
#include "vo/http/content_encoding.h"
#include "vo/http/curl_failure.h"

namespace platefs::vo {
namespace {

bool is_credential(std::string_view header) {
  return same_ignoring_case(header, "authorization") || same_ignoring_case(header, "cookie") ||
         same_ignoring_case(header, "proxy-authorization");
}

}  // namespace

CurlTransfer::CurlTransfer(StartCommand command, CurlContext& context)
    : id_(command.id),
      request_(std::move(command.request)),
      handler_(std::move(command.handler)),
      context_(context),
      service_(request_.on_behalf_of.value_or(request_.url)),
      time_left_(timeout()) {
  if (context.options.asks_past_caches) request_.go_past_caches();
  prefer_https();
}

CurlTransfer::~CurlTransfer() {
  if (handler_) end(Error{ErrorKind::LocalIo, "the transfer could not be made"});
}

void CurlTransfer::enter_queue(Clock::time_point now) {
  if (deadline_ != Clock::time_point{}) time_left_ = std::max(until_deadline(now), Wait{1});
}

CurlEasy& CurlTransfer::begin_attempt(CurlHost& host, CircuitBreaker::Entry entry, Clock::time_point now) {
  host_ = &host;
  entry_ = entry;
  began_ = now;
  ++host.requests;
  ++attempt_;
  status_ = 0;
  is_limited_ = false;
  discarded_ = 0;
  next_.reset();
  head_ = {};
  reached_.reset();
  out_of_bounds_.reset();
  has_opened_ = is_sent_ = is_left_to_archive_ = false;
  deadline_ = now + time_left_;
  encoded_ = encoded_from(host);
  const auto route = route_to(host, now);
  check_host();
  auto& cookies = host.cookies_of((request_.on_behalf_of ? request_.on_behalf_of->text() : "") +
                                  (has_been_downgraded_ ? " downgraded" : ""));
  easy_ = std::make_unique<CurlEasy>(options(), request_, encoded_, route, cookies, *this);
  return *easy_;
}

// Credentials are looked up anew for each attempt, so that a redirect to another origin takes nothing along.
CurlRoute CurlTransfer::route_to(const CurlHost& host, Clock::time_point now) {
  is_by_gateway_ = !goes_past_gateway_ && is_for_gateway(now) && context_.gateway.enter(origin(), now);
  proxy_ = is_by_gateway_ ? "" : context_.proxies.proxy_for(request_.url);
  CurlRoute route{.proxy = proxy_, .gateway = is_by_gateway_ ? &context_.gateway.url() : nullptr};
  if (!is_by_gateway_) route.credentials = credentials();
  host.choose_connection(now, route);
  route.is_fresh |= std::exchange(needs_new_connection_, false);
  return route;
}

const HostCredentials* CurlTransfer::credentials() const {
  return has_been_downgraded_ ? nullptr : credentials_for(options().credentials, request_.url, request_.on_behalf_of);
}

/// What can be told before a connection. Behind a proxy or a gateway nothing more can: it looks names up
/// itself, and what is known by one word is of its own network.
void CurlTransfer::check_host() {
  const auto& host = request_.url.host();
  auto place = place_of_host(host);
  const bool is_one_word = host.find_first_of(".[") == std::string::npos;
  if (!place && is_looked_up_elsewhere() && is_one_word) place = NetworkPlace::PrivateNetwork;
  if (place && !context_.borders.allow(service_, request_.url, *place)) throw out_of_bounds(*place);
}

bool CurlTransfer::may_reach(NetworkPlace place) noexcept {
  if (is_looked_up_elsewhere()) return true;  // that is where the proxy is
  try {
    if (context_.borders.allow(service_, request_.url, place)) {
      reached_ = place;
      return true;
    }
    out_of_bounds_ = place;
  } catch (...) {
    verdict_ = current_error(story());
  }
  return false;
}

SpareConnections* CurlTransfer::may_open(NetworkPlace place) noexcept {
  has_opened_ = true;
  return may_reach(place) ? &host_->spare : nullptr;
}

bool CurlTransfer::may_send(NetworkPlace place) noexcept {
  is_sent_ = true;
  if (!may_reach(place)) return false;
  const auto under_way = host_->queue.under_way();
  const auto limit = host_->queue.limit();
  host_->spare.open_expected(limit - std::min(under_way, limit));
  return true;
}

Error CurlTransfer::out_of_bounds(NetworkPlace place) const {
  return {ErrorKind::Rejected,
          fmt::format("{} leads to {}, and {} is not there itself: not asked. If that is meant so, allow it with "
                      "--allow-private-addresses",
                      request_.url.for_display(), described(place), service_.origin())};
}

/// A file that is gzip by its name is taken as it is.
Encoded CurlTransfer::encoded_from(const CurlHost& host) const {
  const bool is_gzip_file = !request_.compressible && request_.url.path().ends_with(".gz");
  return is_gzip_file || host.has_unknown_encodings ? Encoded::AsSent : Encoded::Undone;
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
  const bool answered = status_ != 0 && (!is_busy_status(status_) || is_limited_);
  const bool broke_off = code != 0 && !verdict_ && !is_put_aside;
  // One request that always fails is no sign that the host does, however often it is repeated.
  const bool is_repetition = status_ != 0 && attempt_ > 1 && entry_ == CircuitBreaker::Entry::Normal;
  if (is_left_to_archive_ || (!answered && (out_of_bounds_ || is_repetition))) {
    host_->health.abandoned(entry_);
  } else if (!answered || broke_off) {
    ++host_->failures;
    host_->health.failed(entry_, began_, now);
  }
  easy_.reset();
  host_ = nullptr;
  return outcome;
}

CurlTransfer::Outcome CurlTransfer::after_failure(int code, Clock::time_point now) {
  if (out_of_bounds_ && !reached_) return Ended{out_of_bounds(*out_of_bounds_)};
  const auto error = broken(code);
  if (status_ == 0 && is_by_gateway_) return past_gateway(Gateway::Failure::Unreachable, of_gateway(reason(code)), now);
  if (head_handed_out_) return Ended{error};
  if (status_ == 0 && plain_) return without_https(error);
  if (status_ == 0 && is_on_kept_connection()) {
    host_->distrust_connections(now);
    needs_new_connection_ = true;
  }
  if (failure_of(code, easy_->system_error()).may_pass) {
    if (const auto wait = wait_after({.kind = error.kind()}, now)) return Again{*wait, error};
  }
  return Ended{error};
}

CurlTransfer::Outcome CurlTransfer::without_https(const Error& why) {
  auto plain = *std::exchange(plain_, std::nullopt);
  if (context_.https.refused(plain)) {
    context_.warn_once(fmt::format("{}; asked by http from now on", why.message()));
    options().on_https_refused(plain.origin());
  }
  note_progress();
  return Redirected{std::move(plain)};
}

void CurlTransfer::prefer_https() {
  plain_.reset();
  if (auto better = context_.https.better(request_.url)) plain_ = std::exchange(request_.url, std::move(*better));
}

/// What went wrong between us and the proxy.
std::optional<Error> CurlTransfer::proxys_fault(int code) const {
  if (proxy_.empty()) return std::nullopt;
  const auto connect_status = easy_->connect_status();
  const bool is_refusal = connect_status >= 400;
  const auto failure = failure_of(code, easy_->system_error());
  const bool is_unreachable = connect_status == 0 && !is_sent_ && is_about_reaching(code);
  if (!is_refusal && !is_unreachable) return std::nullopt;
  const bool is_about_us = connect_status == 407 || connect_status == 403 || connect_status == 401;
  return Error{is_about_us ? ErrorKind::NotAuthorized : failure.kind,
               fmt::format("{}: the proxy {} {}", story(), without_userinfo(proxy_),
                           is_refusal ? fmt::format("answered with HTTP status {}", connect_status)
                                      : fmt::format("leads nowhere: {}", reason(code)))};
}

/// libcurl shows a proxy that it can't read as it was written, password and all.
std::string CurlTransfer::reason(int code) const {
  auto text = easy_->reason(code);
  if (proxy_.empty()) return text;
  constexpr std::string_view kInstead = "the proxy";
  for (auto at = text.find(proxy_); at != std::string::npos; at = text.find(proxy_, at + kInstead.size())) {
    text.replace(at, proxy_.size(), kInstead);
  }
  return text;
}

Error CurlTransfer::broken(int code) const {
  if (auto fault = proxys_fault(code)) return *fault;
  const auto kind = failure_of(code, easy_->system_error()).kind;
  auto message = fmt::format("{}: {}", story(), reason(code));
  if (head_handed_out_) {
    const auto announced = easy_->bytes_announced();
    message = fmt::format("{}: the answer broke off after {} {}bytes ({})", story(), easy_->bytes_received(),
                          announced ? fmt::format("of {} ", *announced) : "", reason(code));
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

/// A kept connection may have died unseen: one more try, by a new one, and with all the time that there is. Not for
/// a host where that was no cure a moment ago.
CurlTransfer::Outcome CurlTransfer::time_out(Clock::time_point now) {
  if (waits_for_gateway()) return end_wait_for_gateway(now);
  const auto seconds = std::chrono::duration<double>(timeout()).count();
  const Error error{ErrorKind::TimedOut,
                    fmt::format("{}: no byte for {} s, after {} bytes", story(), seconds, easy_->bytes_received())};
  Outcome outcome = Ended{error};
  if (status_ == 0 && plain_) {
    outcome = without_https(error);
  } else if (status_ == 0 && is_on_kept_connection()) {
    if (host_->needs_new_connection(began_, now)) {
      needs_new_connection_ = true;
      note_progress();
      outcome = Again{Wait{0}, error};
    }
    host_->distrust_connections(now);
  }
  if (std::holds_alternative<Ended>(outcome)) {
    ++host_->failures;
    host_->health.failed(entry_, began_, now);
  } else {
    host_->health.abandoned(entry_);
  }
  easy_.reset();
  host_ = nullptr;
  return outcome;
}

void CurlTransfer::go_to(const Url& target) {
  if (target.origin() != request_.url.origin()) {
    std::erase_if(request_.headers, [](const auto& each) { return is_credential(each.first); });
  }
  if (request_.url.scheme() == "https" && target.scheme() == "http") note_downgrade(target);
  // A query is a question however often it is asked: only "see other" means that the answer is there to GET.
  const bool is_browsers_way = request_.is_form_of_a_page && (status_ == 301 || status_ == 302);
  if (status_ == 303 || is_browsers_way) request_.become_get();
  request_.url = target;
  prefer_https();
  ++redirects_;
  --attempt_;  // the next host's first answer is no repetition
}

/// The wait is the host's, and no attempt of ours was wrong.
void CurlTransfer::be_held(const Error& why) {
  remember_failure(why);
  --attempt_;
  note_progress();
}

void CurlTransfer::note_downgrade(const Url& target) {
  if (const auto better = context_.https.better(target); better && better->origin() == request_.url.origin()) {
    if (context_.https.refused(target)) options().on_https_refused(target.origin());
    return;
  }
  if (context_.https.is_known(target)) return;  // it was to be asked by http from the beginning
  has_been_downgraded_ = true;
  context_.warn_once(fmt::format("{} leads on to {}, where nothing is encrypted: followed without credentials",
                                 request_.url.origin(), target.origin()));
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
  deadline_ = now + timeout();
  return easy_->resume();
}

std::optional<CurlTransfer::Clock::time_point> CurlTransfer::deadline() const {
  if (!is_under_way() || paused_) return std::nullopt;
  return waits_for_gateway() ? std::min(deadline_, gateway_deadline()) : deadline_;
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
