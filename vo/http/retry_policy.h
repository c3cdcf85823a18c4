// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <chrono>
#include <optional>

#include "vo/base/error.h"

namespace platefs::vo {

struct RetryRules {
  int attempts = 5;                               ///< in all, the first one included
  std::chrono::milliseconds first_wait{500};      ///< doubles with each attempt …
  std::chrono::milliseconds longest_wait{8'000};  ///< … up to this
  std::chrono::seconds longest_retry_after{60};   ///< a server that wants more is not asked again
};

/// One attempt that did not bring an answer.
struct FailedAttempt {
  int status = 0;                                             ///< HTTP status; 0: there was none, see `kind`
  ErrorKind kind = ErrorKind::Unavailable;                    ///< why there was no answer
  int attempt = 1;                                            ///< 1 is the first
  std::optional<std::chrono::milliseconds> retry_after = {};  ///< what the server asked for
  std::optional<std::chrono::milliseconds> time_left = {};    ///< until the request's own deadline
  double jitter = 0;                                          ///< random, [0, 1)
};

/// How long to wait before the next attempt; nothing: give up. Asked again are connections that
/// failed and 408, 502, 503, 504; 429, and 503 with a Retry-After, hold the host (host_pace.h). The wait is
/// exponential, its upper half random so that clients that failed together don't return together; never shorter than
/// Retry-After. Pure.
std::optional<std::chrono::milliseconds> wait_before_retry(const RetryRules& rules, const FailedAttempt& failed);

/// 429, 502, 503, 504: the host is too busy, whatever was asked of it.
bool is_busy_status(int status);

}  // namespace platefs::vo
