// SPDX-License-Identifier: BSD-3-Clause
#include "vo/http/curl_loop.h"

#include <fmt/core.h>
#include <time.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace platefs::vo {
namespace {

constexpr std::chrono::milliseconds kLongestWait{60'000};
constexpr std::chrono::milliseconds kNextLook{1'000};
constexpr std::chrono::seconds kASleep{5};

std::chrono::nanoseconds read_clock(clockid_t clock) {
  timespec now{};
  ::clock_gettime(clock, &now);
  return std::chrono::seconds{now.tv_sec} + std::chrono::nanoseconds{now.tv_nsec};
}

/// One clock goes on while the computer sleeps.
std::chrono::nanoseconds slept_so_far() { return read_clock(CLOCK_BOOTTIME) - read_clock(CLOCK_MONOTONIC); }

std::chrono::milliseconds pause_left(const CircuitBreaker& health, std::chrono::steady_clock::time_point now) {
  if (!health.is_left_alone(now)) return std::chrono::milliseconds{0};
  return std::chrono::ceil<std::chrono::milliseconds>(health.left_alone_until() - now);
}

std::chrono::milliseconds hold_left(const HostPace& pace, std::chrono::steady_clock::time_point now) {
  return std::chrono::ceil<std::chrono::milliseconds>(std::max(pace.held_until() - now, {}));
}

Error left_alone(const CurlTransfer& transfer, const CircuitBreaker& health,
                 std::chrono::steady_clock::time_point now) {
  const auto seconds = std::chrono::duration<double>(pause_left(health, now)).count();
  const auto why = fmt::format("{} is left alone for another {:.1f} s after {} failures in a row", transfer.origin(),
                               seconds, health.failures());
  if (const auto& last = transfer.last_failure()) {
    return {last->kind(), fmt::format("{}; {}", last->message(), why)};
  }
  return {ErrorKind::Unavailable, fmt::format("{}: {}", transfer.story(), why)};
}

void end_unmade(TransferHandler& handler, const Error& error) noexcept {
  try {
    handler.on_end(error);
  } catch (...) {  // NOLINT(bugprone-empty-catch): nobody is left who could be told
  }
}

}  // namespace

CurlLoop::CurlLoop(CurlOptions options)
    : context_(std::move(options)), inbox_(std::make_shared<CurlInbox>(multi_)), slept_(slept_so_far()) {}

CurlLoop::~CurlLoop() { inbox_->close(); }

void CurlLoop::run() {
  while (!inbox_->is_stopping()) {
    try {
      turn();
    } catch (...) {
      end_all(current_error("the transfer thread"));
    }
  }
  end_all(Error{ErrorKind::Cancelled, "platefs ends"});
}

void CurlLoop::turn() {
  take_commands();
  queue_due_retries();
  multi_.perform();
  collect_done();
  end_overdue();
  admit_waiting();
  close_spare();
  multi_.wait(time_to_wait());  // returns at once when curl has new handles to begin
  notice_sleep();
}

/// Over a sleep the other ends of all connections have forgotten them.
void CurlLoop::notice_sleep() {
  const auto slept = slept_so_far();
  if (slept - std::exchange(slept_, slept) < kASleep) return;
  for (auto& [origin, host] : context_.hosts) host.distrust_connections(Clock::now());
}

void CurlLoop::take_commands() {
  for (auto& command : inbox_->take()) obey_guarded(command);
}

/// One that can't be obeyed keeps no other from being obeyed.
void CurlLoop::obey_guarded(CurlCommand& command) noexcept {
  try {
    std::visit([this](auto& each) { obey(each); }, command);
  } catch (...) {
    // A transfer that was made has answered as it went.
    auto* const start = std::get_if<StartCommand>(&command);
    if (start != nullptr && start->handler) end_unmade(*start->handler, current_error("starting a transfer"));
  }
}

void CurlLoop::obey(StartCommand& command) {
  const auto id = command.id;
  auto& transfer = *transfers_.emplace(id, std::make_unique<CurlTransfer>(std::move(command), context_)).first->second;
  if (!context_.options.offline) return enqueue(transfer);
  end(transfer, Error{ErrorKind::Offline, transfer.story() + ": platefs was told to stay offline"});
}

void CurlLoop::obey(const CancelCommand& command) {
  auto* transfer = find(command.id);
  if (transfer == nullptr) return;
  withdraw(*transfer);
  end(*transfer, Error{ErrorKind::Cancelled, transfer->story() + ": cancelled"});
}

void CurlLoop::obey(const ResumeCommand& command) {
  auto* transfer = find(command.id);
  if (transfer == nullptr) return;
  const auto code = transfer->resume(Clock::now());
  if (code != 0 || transfer->is_decided()) finish(*transfer, code);
}

/// Beside the one that the next request opens, if it opens any.
void CurlLoop::obey(const ExpectCommand& command) {
  const auto others = context_.options.limit_at(command.origin) - 1;
  if (!context_.options.offline) context_.hosts.at(command.origin).spare.expect(others, Clock::now());
}

void CurlLoop::obey(DescribeCommand& command) { command.answer.set_value(describe()); }

void CurlLoop::queue_due_retries() {
  const auto now = Clock::now();
  while (!retries_.empty() && retries_.begin()->first <= now) {
    const auto id = retries_.begin()->second;
    retries_.erase(retries_.begin());
    if (auto* transfer = find(id)) enqueue(*transfer);
  }
}

void CurlLoop::end_overdue() {
  const auto now = Clock::now();
  std::vector<CurlTransfer*> overdue;
  for (const auto& [easy, transfer] : under_way_) {
    const auto deadline = transfer->deadline();
    if (deadline && *deadline <= now) overdue.push_back(transfer);
  }
  for (auto* transfer : overdue) {
    multi_.remove(*transfer->easy());
    under_way_.erase(transfer->easy()->native());
    auto& host = *transfer->host();
    host.queue.remove(transfer->id());
    follow(*transfer, transfer->time_out(now), host);
  }
}

void CurlLoop::collect_done() {
  while (const auto done = multi_.next_done()) {
    const auto found = under_way_.find(done->easy);
    if (found != under_way_.end()) finish(*found->second, done->code);
  }
}

void CurlLoop::admit_waiting() {
  const auto now = Clock::now();
  for (auto& [origin, host] : context_.hosts) {
    if (pause_left(host.health, now) > context_.options.health.awaited_pause) turn_away_all(host);
    turn_away_impatient(host);
    while (host.queue.has_next() && host.pace.next_begin() <= now) {
      const auto entry = host.health.enter(now);
      if (!entry) break;  // the others wait for what the probe finds
      const auto id = next_of(origin, host, *entry);
      if (!id) {
        host.health.abandoned(*entry);
        break;
      }
      begin(*find(*id), host, *entry);
    }
  }
}

/// Nothing: while the gateway rests the clients of a site come to the archive themselves, with one request each.
std::optional<TransferId> CurlLoop::next_of(const std::string& origin, CurlHost& host, CircuitBreaker::Entry entry) {
  const auto now = Clock::now();
  if (context_.gateway.rests(origin, now) && is_asked_in_place_of_gateway(host)) {
    return host.queue.next_that([&](TransferId each) { return !find(each)->is_for_gateway(now); });
  }
  // Whether the host is well again, one that failed before tells less than one that has not been asked yet.
  if (entry != CircuitBreaker::Entry::Probe) return host.queue.next();
  return host.queue.next([this](TransferId each) { return find(each)->is_untried(); });
}

bool CurlLoop::is_asked_in_place_of_gateway(const CurlHost& host) const {
  return std::ranges::any_of(under_way_, [&](const auto& each) {
    const auto& transfer = *each.second;
    return transfer.host() == &host && !transfer.is_by_gateway() && transfer.is_for_gateway(Clock::now());
  });
}

void CurlLoop::close_spare() {
  for (auto& [origin, host] : context_.hosts) host.spare.close_unused(Clock::now());
}

void CurlLoop::begin(CurlTransfer& transfer, CurlHost& host, CircuitBreaker::Entry entry) {
  try {
    const auto& easy = transfer.begin_attempt(host, entry, Clock::now());
    host.pace.began(Clock::now());
    multi_.add(easy);
    under_way_[easy.native()] = &transfer;
  } catch (...) {
    const auto error = current_error(transfer.story());
    host.queue.remove(transfer.id());
    transfer.abandon();
    end(transfer, error);
  }
}

void CurlLoop::turn_away_all(CurlHost& host) {
  const auto now = Clock::now();
  for (const auto id : host.queue.take_waiting()) {
    auto& transfer = *find(id);
    end(transfer, left_alone(transfer, host.health, now));
  }
}

/// Those that will not wait as long as the host wants them to.
void CurlLoop::turn_away_impatient(CurlHost& host) {
  const auto now = Clock::now();
  const auto left = hold_left(host.pace, now);
  if (left <= context_.options.busy_patience.value_or(context_.options.timeout)) return;
  for (const auto id : host.queue.take_waiting()) {
    auto& transfer = *find(id);
    const auto seconds = std::chrono::duration<double>(left).count();
    end(transfer, Error{ErrorKind::Unavailable, fmt::format("{}: {} wants to be asked nothing for another {:.0f} s",
                                                            transfer.story(), transfer.origin(), seconds)});
  }
}

void CurlLoop::enqueue(CurlTransfer& transfer) {
  transfer.enter_queue(Clock::now());
  host_of(transfer).queue.add(transfer.id(), transfer.priority());
}

void CurlLoop::finish(CurlTransfer& transfer, int code) {
  auto& host = *transfer.host();
  multi_.remove(*transfer.easy());
  under_way_.erase(transfer.easy()->native());
  host.queue.remove(transfer.id());
  follow(transfer, transfer.conclude(code, Clock::now()), host);
}

void CurlLoop::follow(CurlTransfer& transfer, CurlTransfer::Outcome outcome, CurlHost& host) {
  if (auto* ended = std::get_if<CurlTransfer::Ended>(&outcome)) {
    end(transfer, std::move(ended->error));
  } else if (const auto* again = std::get_if<CurlTransfer::Again>(&outcome)) {
    wait_for_retry(transfer, *again, host);
  } else if (const auto* held = std::get_if<CurlTransfer::Held>(&outcome)) {
    transfer.be_held(held->why);
    enqueue(transfer);
  } else {
    transfer.go_to(std::get<CurlTransfer::Redirected>(outcome).target);
    enqueue(transfer);
  }
}

void CurlLoop::wait_for_retry(CurlTransfer& transfer, const CurlTransfer::Again& again, CurlHost& host) {
  const auto now = Clock::now();
  const auto pause = pause_left(host.health, now);
  const auto wait = std::max(again.wait, pause);
  transfer.remember_failure(again.why);
  if (pause <= context_.options.health.awaited_pause && now + wait < transfer.queue_deadline()) {
    retries_.insert({now + wait, transfer.id()});
  } else if (wait > again.wait) {
    end(transfer, left_alone(transfer, host.health, now));
  } else {
    end(transfer, again.why);
  }
}

void CurlLoop::withdraw(CurlTransfer& transfer) {
  if (transfer.is_under_way()) {
    multi_.remove(*transfer.easy());
    under_way_.erase(transfer.easy()->native());
  }
  host_of(transfer).queue.remove(transfer.id());
  std::erase_if(retries_, [&](const auto& each) { return each.second == transfer.id(); });
  transfer.abandon();
}

void CurlLoop::end(CurlTransfer& transfer, std::optional<Error> error) {
  const auto node = transfers_.extract(transfer.id());  // alive until the handler has heard
  transfer.end(std::move(error));
}

void CurlLoop::end_all(const Error& why) noexcept {
  take_commands();
  while (!transfers_.empty()) {
    auto& transfer = *transfers_.begin()->second;
    withdraw(transfer);
    end(transfer, why.within(transfer.story()));
  }
}

CurlTransfer* CurlLoop::find(TransferId id) {
  const auto found = transfers_.find(id);
  return found == transfers_.end() ? nullptr : found->second.get();
}

CurlHost& CurlLoop::host_of(const CurlTransfer& transfer) { return context_.hosts.at(transfer.origin()); }

std::chrono::milliseconds CurlLoop::time_to_wait() const {
  const auto now = Clock::now();
  auto next = now + kLongestWait;
  if (!retries_.empty()) next = std::min(next, retries_.begin()->first);
  for (const auto& [origin, host] : context_.hosts) {
    next = std::min(next, host.spare.next_closing().value_or(next));
    if (host.queue.waiting() == 0) continue;
    next = std::min(next, now + (host.health.is_left_alone(now) ? pause_left(host.health, now) : kNextLook));
    if (host.queue.has_next() && host.pace.next_begin() > now) next = std::min(next, host.pace.next_begin());
  }
  for (const auto& [easy, transfer] : under_way_) {
    next = std::min(next, transfer->deadline().value_or(next));
  }
  return std::max(std::chrono::ceil<std::chrono::milliseconds>(next - now), std::chrono::milliseconds{0});
}

TransportStatus CurlLoop::describe() const {
  const auto now = Clock::now();
  TransportStatus status;
  for (const auto& [origin, host] : context_.hosts) {
    status.hosts.push_back({.origin = origin,
                            .under_way = host.queue.under_way(),
                            .waiting = host.queue.waiting(),
                            .requests = host.requests,
                            .failures = host.failures,
                            .bytes = host.bytes,
                            .failures_in_a_row = host.health.failures(),
                            .left_alone_for = std::max(pause_left(host.health, now), hold_left(host.pace, now)),
                            .is_probing = host.health.is_probing()});
  }
  for (const auto& [id, transfer] : transfers_) status.transfers.push_back(transfer->status(now));
  if (context_.gateway.is_there()) status.gateway = context_.gateway.status(now);
  return status;
}

}  // namespace platefs::vo
