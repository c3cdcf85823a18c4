// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <time.h>

#include <algorithm>
#include <cstddef>

namespace platefs::test {

/// Processor time that this thread has used, whoever else uses the machine.
inline double thread_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

template <typename Work>
double seconds_of(const Work& work, std::size_t size) {
  double least = 1e9;
  for (int i = 0; i < 3; ++i) {
    const double begin = thread_seconds();
    work(size);
    least = std::min(least, thread_seconds() - begin);
  }
  return least;
}

/// How many times as long `work(4 * size)` takes as `work(size)`; the least of a few trials, because noise only
/// adds. 4 and a little where the work is in proportion, 16 where it grows with the square.
template <typename Work>
double growth_over_fourfold(std::size_t size, const Work& work) {
  double least = 1e9;
  for (int trial = 0; trial < 3 && least > 5; ++trial) {
    const double once = seconds_of(work, size);
    least = std::min(least, seconds_of(work, 4 * size) / std::max(once, 1e-6));
  }
  return least;
}

/// Between 4, a growth in proportion (and 5 to 7 where the larger one leaves the processor's caches), and 16, that of a
/// square.
inline constexpr double kMostGrowthOverFourfold = 8;

}  // namespace platefs::test
