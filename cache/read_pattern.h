// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <cstdint>

#include "vo/byte_range.h"

namespace platefs::cache {

/// Follows the reads of one open file and says how far ahead of the reader it is worth having bytes.
///
/// Reads that go on near where an earlier one ended form a run; the window is as long as the run has been,
/// so what is fetched for nothing is at most what was of use. Several runs are followed at once, so a
/// jump to the header does not end the run through the data, and the kernel's readahead may come out of
/// order. Value type.
class ReadPattern {
 public:
  static constexpr std::uint64_t kLongestWindow = 64ull << 20;

  /// Notes a read; returns what to have ahead of it, empty for a reader who jumps about.
  vo::ByteRange on_read(vo::ByteRange range);

 private:
  static constexpr std::uint64_t kNear = 2ull << 20;         ///< requests overtake each other by so much
  static constexpr std::uint64_t kShortestRun = 192 * 1024;  ///< more than one stray read

  struct Run {
    std::uint64_t next = 0;      ///< end of the furthest read
    std::uint64_t length = 0;    ///< bytes gone forward
    std::uint64_t last_use = 0;  ///< 0: free
  };
  Run& run_of(vo::ByteRange range);

  std::array<Run, 4> runs_{};
  std::uint64_t reads_ = 0;
};

}  // namespace platefs::cache
