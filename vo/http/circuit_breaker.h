// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <chrono>
#include <optional>

namespace platefs::vo {

struct HealthRules {
  int failures = 5;                                 ///< so many in a row, and the host is left alone
  std::chrono::milliseconds first_pause{1'000};     ///< doubles each time the host fails again …
  std::chrono::milliseconds longest_pause{30'000};  ///< … up to this
  /// Requests wait for the end of a pause that is no longer: a server that restarts is no failure. One that
  /// stays away fails what comes, at once.
  std::chrono::milliseconds awaited_pause{2'000};
};

/// Whether one host may be asked (a circuit breaker). After some failures in a row it is left alone
/// for a while; then one request, the probe, is let through: an answer heals the host, a failure
/// prolongs the pause. Pure: the time is given in. Not thread-safe.
class CircuitBreaker {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;
  enum class Entry { Normal, Probe };

  explicit CircuitBreaker(HealthRules rules = {}) : rules_(rules) {}

  /// How a request may go to the host now; nothing: it is left alone, or its probe is under way.
  /// Each entry ends in exactly one of failed() and abandoned(), or after succeeded() in none.
  std::optional<Entry> enter(TimePoint now);
  void succeeded();
  /// `began`: when the failed request did. One outage fails all that is under way: that counts once.
  void failed(Entry entry, TimePoint began, TimePoint now);
  void abandoned(Entry entry);  ///< cancelled before the host said anything

  bool is_left_alone(TimePoint now) const { return paused_ && !probing_ && now < until_; }
  bool is_probing() const { return probing_; }
  bool is_healthy() const { return !paused_; }
  TimePoint left_alone_until() const { return until_; }  ///< meaningful when !is_healthy()
  int failures() const { return failures_; }             ///< in a row

 private:
  void pause(std::chrono::milliseconds length, TimePoint now);

  HealthRules rules_;
  std::chrono::milliseconds length_{0};
  TimePoint until_{};
  TimePoint last_failure_ = TimePoint::min();
  int failures_ = 0;
  bool paused_ = false;
  bool probing_ = false;
};

}  // namespace platefs::vo
