// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tools/demo_archive/http.h"

namespace platefs::demo {

/// Ways in which an archive can fail.
enum class Fault {
  Stall,         ///< nothing more comes after after_bytes of the body (none given: no answer at all)
  Drip,          ///< bytes_per_second
  Truncate,      ///< the connection is closed after after_bytes
  Reset,         ///< the connection is reset after after_bytes (none given: instead of an answer)
  WrongLength,   ///< the head promises half the body, and half comes
  WrongRange,    ///< a 206 with other bytes than were asked for, and it says so
  IgnoreRange,   ///< the whole file, 200
  Status,        ///< `status`, with Retry-After when retry_after is given
  RedirectLoop,  ///< 302 to where it is
  Changed,       ///< another version: other bytes, ETag and Last-Modified
  Html,          ///< a login page, 200
  Empty,         ///< 200 without a byte
  Latency,       ///< `milliseconds` before the answer; beside other faults
};

/// Which requests a fault befalls, and how.
struct FaultRule {
  std::string kind;  ///< of the request; empty: every
  std::string path;  ///< part of path?query; empty: every
  Fault fault = Fault::Stall;
  std::optional<std::uint64_t> times;  ///< how many requests more; none: all
  std::uint64_t skip = 0;              ///< how many requests pass before
  std::optional<std::uint64_t> after_bytes;
  int status = 503;
  std::optional<int> retry_after;  ///< seconds
  std::uint64_t milliseconds = 0;
  std::uint64_t bytes_per_second = 1000;
};

/// How the bytes of an answer go out.
struct Delivery {
  std::uint64_t latency_milliseconds = 0;
  bool stalls_at_once = false, resets_at_once = false;
  std::optional<std::uint64_t> stall_after, truncate_after, reset_after, bytes_per_second;
  std::optional<std::uint64_t> promised_length;
  std::uint64_t generation = 0;  ///< of the rules that it comes from
};

/// The faults that are switched on. Thread-safe.
class Faults {
 public:
  /// Reads a JSON list of rules: [{"match": {"kind": "file", "path": "b01941"}, "fault": "stall",
  /// "times": 1, "after_bytes": 1000}, …]. Throws vo::Error{Malformed} naming what it does not
  /// understand; then nothing changes.
  void set_json(std::string_view text);
  void clear();
  std::string json() const;

  /// Takes the rules for a request: every latency, and the first of the others that matches. Counts.
  std::vector<FaultRule> befalling(std::string_view kind, const Request& request);
  /// Counts up with every change of the rules: what a stall waits for.
  std::uint64_t generation() const;

 private:
  mutable std::mutex mutex_;
  std::vector<FaultRule> rules_;  ///< guarded by mutex_
  std::uint64_t generation_ = 0;  ///< guarded by mutex_
};

/// What the rules do to the question, before it is answered,
void spoil(Request& request, const std::vector<FaultRule>& rules);
/// to the answer,
void spoil(Answer& answer, const Request& request, const std::vector<FaultRule>& rules);
/// and to its delivery.
Delivery delivery_of(const Answer& answer, const std::vector<FaultRule>& rules);

}  // namespace platefs::demo
