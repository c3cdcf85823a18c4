// SPDX-License-Identifier: BSD-3-Clause
#include "vo/http/retry_policy.h"

#include <algorithm>

namespace platefs::vo {
namespace {

using std::chrono::milliseconds;

bool is_connection_failure(ErrorKind kind) {
  using enum ErrorKind;
  return kind == Refused || kind == Unreachable || kind == TimedOut || kind == Unavailable;
}

bool may_pass(const FailedAttempt& failed) {
  if (failed.status == 0) return is_connection_failure(failed.kind);
  return failed.status == 408 || is_busy_status(failed.status);
}

milliseconds exponential(const RetryRules& rules, int attempt) {
  auto wait = std::min(rules.first_wait, rules.longest_wait);
  for (int i = 1; i < attempt && wait < rules.longest_wait; ++i) {
    wait = std::min(2 * wait, rules.longest_wait);
  }
  return wait;
}

milliseconds part_of(milliseconds whole, double fraction) {
  return milliseconds{static_cast<milliseconds::rep>(static_cast<double>(whole.count()) * fraction)};
}

}  // namespace

bool is_busy_status(int status) { return status == 429 || status == 502 || status == 503 || status == 504; }

std::optional<milliseconds> wait_before_retry(const RetryRules& rules, const FailedAttempt& failed) {
  if (failed.attempt >= rules.attempts || !may_pass(failed)) return std::nullopt;
  const auto asked_for = failed.retry_after.value_or(milliseconds{0});
  if (asked_for > rules.longest_retry_after) return std::nullopt;
  const auto own = part_of(exponential(rules, failed.attempt), 0.5 + 0.5 * failed.jitter);
  const auto wait = std::max(own, asked_for);
  if (failed.time_left && wait >= *failed.time_left) return std::nullopt;
  return wait;
}

}  // namespace platefs::vo
