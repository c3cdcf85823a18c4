// SPDX-License-Identifier: BSD-3-Clause
#include "cache/fetch/access_pattern.h"

#include <algorithm>
#include <bit>

namespace platefs::cache {

AccessPattern::Run& AccessPattern::run_of(vo::ByteRange range, Clock::time_point now) {
  const auto is_near = [range](const Run& run) {
    const auto distance = range.first > run.next ? range.first - run.next : run.next - range.first;
    return run.last_use != 0 && distance <= kNear;
  };
  auto* found = std::ranges::find_if(runs_, is_near);
  if (found != runs_.end()) return *found;
  auto& oldest = *std::ranges::min_element(runs_, {}, &Run::last_use);
  oldest = {range.first, range.first, 0, 0, now};
  return oldest;
}

std::uint64_t AccessPattern::window(const Run& run, Clock::time_point now, const Ahead& ahead) {
  const Seconds took = now - run.began;
  const auto longest = std::min(run.length, kLongestWindow);
  if (took <= Seconds{0}) return longest;
  const double pace = static_cast<double>(run.length) / took.count();
  const double useful = ahead.round_trips * std::max(pace * ahead.latency.count(), kOfEachRoundTrip);
  return useful < static_cast<double>(longest) ? static_cast<std::uint64_t>(useful) : longest;
}

/// As much again as the run has been long, or less where that is enough. Many who read a part of a file end it at a
/// round number of bytes, so that requests do as well; and the kernel reads a little further than its reader
/// (fs/fuse/kernel_readahead.h: by 256 KiB behind the 256 KiB that hold the last byte), which is to be there too.
std::uint64_t AccessPattern::window_at_once(const Run& run, const Ahead& ahead) {
  constexpr double kLeast = 256.0 * 1024, kMost = 8.0 * (1 << 20);
  constexpr std::uint64_t kKernelReadahead = 384 * 1024;
  const auto worthwhile = static_cast<std::uint64_t>(std::clamp(ahead.at_once, kLeast, kMost));
  const auto length = std::min(run.length, worthwhile);
  const auto round = std::bit_floor(length);
  const auto gone = run.next - run.first;
  return (gone + length) / round * round + kKernelReadahead - gone;
}

bool AccessPattern::has_run() const {
  return std::ranges::any_of(runs_, [](const Run& run) { return run.length >= kShortestRun; });
}

vo::ByteRange AccessPattern::on_read(vo::ByteRange range, Clock::time_point now, const Ahead& ahead) {
  auto& run = run_of(range, now);
  run.last_use = ++reads_;
  if (range.end > run.next) {
    // A gap that was jumped over is no sign that what follows will be read: only the read itself
    // counts.
    run.length += std::min(range.end - run.next, range.size());
    run.next = range.end;
  }
  if (run.length < kShortestRun) return {};
  return {run.next, run.next + (ahead.at_once > 0 ? window_at_once(run, ahead) : window(run, now, ahead))};
}

}  // namespace platefs::cache
