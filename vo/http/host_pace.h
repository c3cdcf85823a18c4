// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <chrono>
#include <deque>
#include <optional>

namespace platefs::vo {

/// When the next request to a host may begin, where the host limits how many it answers: it said so by 429, or by 503
/// with Retry-After. Then nothing is asked of it for as long as it says, else for a while that doubles; afterwards
/// requests begin no faster than it had been answering them, and, when it has not complained for half a minute,
/// gradually faster. Pure: the time is given in. Not thread-safe.
class HostPace {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;
  using Wait = std::chrono::milliseconds;

  struct Rules {
    Wait first_hold{500};       ///< doubles with each complaint …
    Wait longest_hold{8'000};   ///< … up to this, where the host says nothing
    Wait shortest_interval{0};  ///< between two requests, where it is known how many the host answers
  };
  explicit HostPace(Rules rules) : rules_(rules), own_hold_(rules.first_hold), interval_(rules.shortest_interval) {}

  void began(TimePoint now) { last_begin_ = now; }
  /// A request was answered.
  void answered(TimePoint now);
  /// One was refused because there are too many; `asked_for`: Retry-After. Those that were under way together with it
  /// are one complaint.
  void refused(TimePoint began, TimePoint now, std::optional<Wait> asked_for);

  /// The next request may begin then.
  TimePoint next_begin() const;
  TimePoint held_until() const { return held_until_; }
  Wait interval() const { return interval_; }  ///< between two of them; zero: no limit is known

 private:
  void learn_rate(TimePoint now);
  void forget_old(TimePoint now);

  Rules rules_;
  Wait own_hold_;
  Wait interval_;
  std::deque<TimePoint> answers_;  ///< of the last second, the latest few
  TimePoint last_begin_{}, held_until_{}, last_complaint_{}, last_faster_{};
};

}  // namespace platefs::vo
