// SPDX-License-Identifier: BSD-3-Clause
#include "vo/http/retry_policy.h"

#include <gtest/gtest.h>

namespace platefs::vo {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using enum ErrorKind;

const RetryRules kRules{};  // 5 attempts, 0.5 s to 8 s, Retry-After up to 60 s

struct Row {
  const char* why;
  FailedAttempt failed;
  std::optional<milliseconds> wait;
};

TEST(RetryPolicy, FollowsItsTable) {
  const auto stop = std::nullopt;
  const Row table[] = {
      {"first, no jitter", {.status = 503}, milliseconds{250}},
      {"first, half jitter", {.status = 503, .jitter = 0.5}, milliseconds{375}},
      {"second doubles", {.status = 503, .attempt = 2}, milliseconds{500}},
      {"third doubles again", {.status = 503, .attempt = 3}, milliseconds{1000}},
      {"fifth was the last", {.status = 503, .attempt = 5}, stop},
      {"too many requests", {.status = 429}, milliseconds{250}},
      {"given up by the server", {.status = 408}, milliseconds{250}},
      {"bad gateway", {.status = 502}, milliseconds{250}},
      {"gateway timeout", {.status = 504}, milliseconds{250}},
      {"internal error is an answer", {.status = 500}, stop},
      {"not found is an answer", {.status = 404}, stop},
      {"success is an answer", {.status = 200}, stop},
      {"refused", {.kind = Refused}, milliseconds{250}},
      {"unreachable", {.kind = Unreachable}, milliseconds{250}},
      {"timed out", {.kind = TimedOut}, milliseconds{250}},
      {"broken connection", {.kind = Unavailable}, milliseconds{250}},
      {"cancelled", {.kind = Cancelled}, stop},
      {"malformed", {.kind = Malformed}, stop},
      {"rejected", {.kind = Rejected}, stop},
      {"offline", {.kind = Offline}, stop},
      {"server's wait", {.status = 503, .retry_after = seconds{7}}, seconds{7}},
      {"server's wait is a minimum", {.status = 503, .retry_after = seconds{0}}, milliseconds{250}},
      {"longest server's wait", {.status = 429, .retry_after = seconds{60}}, seconds{60}},
      {"too long a wait", {.status = 429, .retry_after = seconds{61}}, stop},
      {"deadline far", {.status = 503, .time_left = milliseconds{251}}, milliseconds{250}},
      {"deadline reached", {.status = 503, .time_left = milliseconds{250}}, stop},
      {"deadline before server's wait", {.status = 503, .retry_after = seconds{20}, .time_left = seconds{10}}, stop},
  };
  for (const auto& [why, failed, wait] : table) {
    EXPECT_EQ(wait_before_retry(kRules, failed), wait) << why;
  }
}

TEST(RetryPolicy, NeverWaitsLongerThanTheLongestWait) {
  const RetryRules patient{.attempts = 1'000};
  for (int attempt = 1; attempt < 1'000; ++attempt) {
    const auto wait = wait_before_retry(patient, {.status = 503, .attempt = attempt, .jitter = 1});
    ASSERT_TRUE(wait);
    EXPECT_LE(*wait, patient.longest_wait);
  }
}

}  // namespace
}  // namespace platefs::vo
