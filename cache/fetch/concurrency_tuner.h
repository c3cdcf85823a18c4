// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace platefs::cache {

/// Finds by trying how many parallel requests bring a host's bytes fastest: one more is kept while it
/// gains, one less when it does not. Only stretches count in which as many requests as wanted were under
/// way all the time. Value type, not thread-safe.
class ConcurrencyTuner {
 public:
  using Clock = std::chrono::steady_clock;

  explicit ConcurrencyTuner(std::size_t most)
      : most_(std::max<std::size_t>(most, 1)), streams_(std::min(most_, kAtFirst)) {}

  /// How many requests to have under way for one long read.
  std::size_t streams() const { return streams_; }
  /// `bytes` arrived at `now` while `under_way` requests were.
  void note(std::uint64_t bytes, std::size_t under_way, Clock::time_point now);

 private:
  /// Fewer leave the wire idle while each in turn waits for the answer to its next request, and one that
  /// comes later finds it full: TCP's slow start then takes seconds, and the reader waits for its piece.
  static constexpr std::size_t kAtFirst = 4;
  static constexpr std::chrono::milliseconds kStretch{400};
  static constexpr std::uint64_t kEnough = 4ull << 20;  ///< bytes, so that a stretch means something
  static constexpr double kGain = 1.10;
  static constexpr std::chrono::seconds kContent{10};  ///< until another number is tried

  void begin_stretch(Clock::time_point now);
  void end_stretch(double rate, Clock::time_point now);

  std::size_t most_;
  std::size_t streams_;
  std::size_t settled_ = 0;    ///< the number to go back to; 0: none measured yet
  double settled_rate_ = 0;    ///< bytes per second with it
  Clock::time_point began_{};  ///< of the stretch; its epoch: none
  std::uint64_t bytes_ = 0;
  Clock::time_point content_until_{};
};

}  // namespace platefs::cache
