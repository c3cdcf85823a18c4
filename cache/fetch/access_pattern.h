// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <chrono>
#include <cstdint>

#include "vo/base/byte_range.h"

namespace platefs::cache {

/// Follows the reads of one open file and says how far ahead of the reader it is worth having
/// bytes.
///
/// Reads that go on near where an earlier one ended form a run. The window is no longer than the
/// run has been, and no longer than is of use: what the reader takes at its pace in some round
/// trips, so that who stops has not had much fetched for nothing. Several runs are followed at
/// once, so a jump to the header does not end the run through the data, and the kernel's readahead
/// may come out of order. Value type.
class AccessPattern {
 public:
  using Clock = std::chrono::steady_clock;
  using Seconds = std::chrono::duration<double>;

  static constexpr std::uint64_t kLongestWindow = 64ull << 20;

  struct Ahead {
    Seconds latency{};  ///< how long the host takes to begin an answer
    /// So many times that a reader's bytes are to be ahead of it. A request waits for one round
    /// trip before its first byte, and must bring many times as much if several connections in turn
    /// are to be busy.
    double round_trips = 16;
    /// Above 0: readers are more than connections, so that each waits for one request at a time. So many bytes make
    /// such a request worth its round trip.
    double at_once = 0;
  };

  /// Notes a read at `now`. Returns what to have ahead of the read, empty for a reader who jumps
  /// about.
  vo::ByteRange on_read(vo::ByteRange range, Clock::time_point now, const Ahead& ahead);
  /// Somebody reads on and on.
  bool has_run() const;

 private:
  static constexpr std::uint64_t kNear = 2ull << 20;         ///< requests overtake each other by so much
  static constexpr std::uint64_t kShortestRun = 192 * 1024;  ///< more than one stray read
  static constexpr double kOfEachRoundTrip = 16.0 * 1024;    ///< bytes, at the least

  struct Run {
    std::uint64_t first = 0;     ///< where it began
    std::uint64_t next = 0;      ///< end of the furthest read
    std::uint64_t length = 0;    ///< bytes gone forward
    std::uint64_t last_use = 0;  ///< 0: free
    Clock::time_point began{};
  };
  Run& run_of(vo::ByteRange range, Clock::time_point now);
  static std::uint64_t window(const Run& run, Clock::time_point now, const Ahead& ahead);
  static std::uint64_t window_at_once(const Run& run, const Ahead& ahead);

  std::array<Run, 4> runs_{};
  std::uint64_t reads_ = 0;
};

}  // namespace platefs::cache
