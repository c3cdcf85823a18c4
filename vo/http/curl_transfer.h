// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "vo/http/circuit_breaker.h"
#include "vo/http/curl_context.h"
#include "vo/http/curl_handle.h"
#include "vo/http/curl_head.h"
#include "vo/http/curl_inbox.h"
#include "vo/http/curl_options.h"
#include "vo/http/transport.h"

namespace platefs::vo {

/// One request on its way through queues, attempts and redirects to its handler. It decides what an
/// answer means; CurlLoop moves it. Transfer thread only.
class CurlTransfer final : public CurlListener {
 public:
  using Clock = std::chrono::steady_clock;
  using Wait = std::chrono::milliseconds;

  struct Ended {
    std::optional<Error> error;
  };
  struct Redirected {
    Url target;
  };
  struct Again {
    Wait wait;
    Error why;
  };
  /// The host takes no more requests for a while: it waits for its host again.
  struct Held {
    Error why;
  };
  using Outcome = std::variant<Ended, Redirected, Again, Held>;

  CurlTransfer(StartCommand command, CurlContext& context);
  /// A transfer that goes without having ended tells its handler so.
  ~CurlTransfer() override;
  CurlTransfer(const CurlTransfer&) = delete;
  CurlTransfer& operator=(const CurlTransfer&) = delete;

  TransferId id() const { return id_; }
  http::Priority priority() const { return request_.priority; }
  std::string origin() const { return request_.url.origin(); }

  // A request waits for its host, is under way, perhaps waits for its next attempt, and so on.
  void enter_queue(Clock::time_point now);
  /// Sets the handle of one attempt up; `host` stays where it is until conclude() or abandon().
  CurlEasy& begin_attempt(CurlHost& host, CircuitBreaker::Entry entry, Clock::time_point now);
  /// curl is done with the attempt, or gave up because the listener said so.
  Outcome conclude(int code, Clock::time_point now);
  /// The attempt ends without a verdict on the host.
  void abandon();
  /// No byte came before the deadline.
  Outcome time_out(Clock::time_point now);

  void go_to(const Url& target);   ///< after Redirected
  void be_held(const Error& why);  ///< after Held
  void remember_failure(Error error) { last_failure_ = std::move(error); }
  const std::optional<Error>& last_failure() const { return last_failure_; }
  void end(std::optional<Error> error) noexcept;  ///< tells the handler and lets go of it
  /// A CURLcode other than 0: the attempt failed while the piece was handed out again.
  int resume(Clock::time_point now);

  /// What goes to the gateway where it is well.
  bool is_for_gateway(Clock::time_point now) const;
  bool is_by_gateway() const { return is_by_gateway_; }  ///< the attempt under way
  bool is_untried() const { return attempt_ == 0; }
  bool is_under_way() const { return easy_ != nullptr; }
  bool is_decided() const { return verdict_.has_value(); }  ///< ended by handler or limit
  CurlEasy* easy() const { return easy_.get(); }
  CurlHost* host() const { return host_; }
  /// When the attempt under way has taken too long; nothing: paused, or not under way.
  std::optional<Clock::time_point> deadline() const;
  Clock::time_point queue_deadline() const { return deadline_; }  ///< between attempts
  std::string story() const;                                      ///< "GET URL"
  TransferStatus status(Clock::time_point now) const;

  SpareConnections* may_open(NetworkPlace place) noexcept override;
  bool may_send(NetworkPlace place) noexcept override;
  bool on_header_line(std::string_view line) noexcept override;
  Answer on_bytes(std::span<const std::byte> bytes) noexcept override;

 private:
  const CurlOptions& options() const { return context_.options; }
  Wait timeout() const { return request_.timeout.value_or(options().timeout); }
  CurlRoute route_to(const CurlHost& host, Clock::time_point now);
  const HostCredentials* credentials() const;
  bool is_looked_up_elsewhere() const { return is_by_gateway_ || !proxy_.empty(); }
  void check_host();
  bool may_reach(NetworkPlace place) noexcept;
  Error out_of_bounds(NetworkPlace place) const;
  bool is_on_kept_connection() const { return is_sent_ && !has_opened_; }

  void judge_head(http::Head& head);
  bool is_to_go_past_gateway(const http::Head& head);
  Outcome past_gateway(Gateway::Failure failure, const Error& why, Clock::time_point now);
  Outcome end_wait_for_gateway(Clock::time_point now);
  bool waits_for_gateway() const;
  Clock::time_point gateway_deadline() const;
  Error of_gateway(std::string_view why) const;
  bool is_about_old_connection(const http::Head& head) const;
  void hand_out_head(http::Head& head);
  Encoded encoded_from(const CurlHost& host) const;
  Answer hand_out(std::span<const std::byte> bytes);
  Answer discard(std::size_t size);
  std::optional<Url> redirect_target(const http::Head& head) const;
  Wait until_deadline(Clock::time_point now) const { return std::chrono::duration_cast<Wait>(deadline_ - now); }
  std::optional<Wait> wait_after(const http::Head& head) const;
  bool is_held_by(const http::Head& head);
  Wait busy_patience() const { return options().busy_patience.value_or(timeout()); }
  std::optional<Wait> wait_after(FailedAttempt failed, Clock::time_point now) const;
  Outcome after_failure(int code, Clock::time_point now);
  Error broken(int code) const;
  std::optional<Error> proxys_fault(int code) const;
  std::string reason(int code) const;
  Outcome without_https(const Error& why);
  void prefer_https();
  void note_downgrade(const Url& target);
  void note_progress() { deadline_ = Clock::now() + timeout(); }

  TransferId id_;
  http::Request request_;
  std::shared_ptr<TransferHandler> handler_;
  CurlContext& context_;
  Url service_;               // what the user named and all of this is for
  std::optional<Url> plain_;  // of a URL that is asked by https first
  bool has_been_downgraded_ = false;
  bool needs_new_connection_ = false;
  bool goes_past_gateway_ = false;  // from now on
  Clock::time_point started_ = Clock::now();
  Clock::time_point deadline_{};
  Clock::time_point began_{};  // the attempt
  Wait time_left_;             // while queued
  std::optional<Error> last_failure_;
  int attempt_ = 0;
  int unhinted_refusals_ = 0;                            // 429 that says not for how long
  std::optional<Clock::time_point> refused_since_ = {};  // by a host that limits how many it answers
  int redirects_ = 0;
  std::uint64_t received_ = 0;  // bytes the handler took
  bool paused_ = false;
  bool head_handed_out_ = false;

  // The attempt under way.
  CurlHost* host_ = nullptr;
  CircuitBreaker::Entry entry_ = CircuitBreaker::Entry::Normal;
  std::string proxy_;
  std::optional<NetworkPlace> reached_, out_of_bounds_;
  bool has_opened_ = false, is_sent_ = false;
  bool is_by_gateway_ = false, is_left_to_archive_ = false;  // which then is asked itself
  CurlHead head_;
  int status_ = 0;           // 0: no head yet
  bool is_limited_ = false;  // the host answers, only not so many
  Encoded encoded_ = Encoded::Undone;
  std::size_t discarded_ = 0;
  std::optional<Outcome> next_;     // the answer is not for the handler
  std::optional<Error> verdict_;    // the transfer ends with this, whatever curl says
  std::unique_ptr<CurlEasy> easy_;  // last, so that it goes first: it calls the listener
};

}  // namespace platefs::vo
