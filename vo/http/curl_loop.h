// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>

#include "vo/http/curl_context.h"
#include "vo/http/curl_handle.h"
#include "vo/http/curl_inbox.h"
#include "vo/http/curl_options.h"
#include "vo/http/curl_transfer.h"

namespace platefs::vo {

/// The transfer thread: takes commands, lets requests in host by host, runs them, and sleeps in
/// curl until something is to be done. Everything but inbox() belongs to the thread that calls
/// run().
class CurlLoop {
 public:
  explicit CurlLoop(CurlOptions options);
  ~CurlLoop();
  CurlLoop(const CurlLoop&) = delete;
  CurlLoop& operator=(const CurlLoop&) = delete;

  std::shared_ptr<CurlInbox> inbox() const { return inbox_; }
  /// Until inbox()->stop(); then every transfer has ended. What fails beside one transfer ends all that
  /// are there, and it goes on.
  void run();
  /// Ends all that was asked so far. For whoever was run()'s thread.
  void end_all(const Error& why) noexcept;

 private:
  using Clock = CurlTransfer::Clock;
  using Transfers = std::map<TransferId, std::unique_ptr<CurlTransfer>>;

  void turn();
  void take_commands();
  void obey_guarded(CurlCommand& command) noexcept;
  void obey(StartCommand& command);
  void obey(const CancelCommand& command);
  void obey(const ResumeCommand& command);
  void obey(const ExpectCommand& command);
  void obey(DescribeCommand& command);

  void queue_due_retries();
  void end_overdue();
  void collect_done();
  void admit_waiting();
  std::optional<TransferId> next_of(const std::string& origin, CurlHost& host, CircuitBreaker::Entry entry);
  bool is_asked_in_place_of_gateway(const CurlHost& host) const;
  void close_spare();

  void enqueue(CurlTransfer& transfer);
  void begin(CurlTransfer& transfer, CurlHost& host, CircuitBreaker::Entry entry);
  void turn_away_all(CurlHost& host);
  void turn_away_impatient(CurlHost& host);
  void finish(CurlTransfer& transfer, int code);
  void follow(CurlTransfer& transfer, CurlTransfer::Outcome outcome, CurlHost& host);
  void wait_for_retry(CurlTransfer& transfer, const CurlTransfer::Again& again, CurlHost& host);
  void withdraw(CurlTransfer& transfer);
  void end(CurlTransfer& transfer, std::optional<Error> error);

  void notice_sleep();

  CurlTransfer* find(TransferId id);
  CurlHost& host_of(const CurlTransfer& transfer);
  std::chrono::milliseconds time_to_wait() const;
  TransportStatus describe() const;

  CurlContext context_;
  CurlMulti multi_;
  std::shared_ptr<CurlInbox> inbox_;
  Transfers transfers_;                                         // all that have not ended
  std::map<void*, CurlTransfer*> under_way_;                    // by easy handle
  std::chrono::nanoseconds slept_{0};                           // of this computer, in all
  std::set<std::pair<Clock::time_point, TransferId>> retries_;  // when to queue again
};

}  // namespace platefs::vo
