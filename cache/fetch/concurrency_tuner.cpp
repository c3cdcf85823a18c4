// SPDX-License-Identifier: BSD-3-Clause
#include "cache/fetch/concurrency_tuner.h"

#include <utility>

namespace platefs::cache {

void ConcurrencyTuner::begin_stretch(Clock::time_point now) {
  began_ = now;
  bytes_ = 0;
}

void ConcurrencyTuner::note(std::uint64_t bytes, std::size_t under_way, Clock::time_point now) {
  if (under_way < streams_ || now < content_until_) {
    began_ = {};
    return;
  }
  if (began_ == Clock::time_point{}) return begin_stretch(now);
  bytes_ += bytes;
  const auto took = now - began_;
  if (took < kStretch || bytes_ < kEnough) return;
  end_stretch(static_cast<double>(bytes_) / std::chrono::duration<double>(took).count(), now);
  // The connection that is new now is slow in its first round trips: they are in no stretch.
  began_ = {};
}

void ConcurrencyTuner::end_stretch(double rate, Clock::time_point now) {
  const bool is_first = settled_ == 0;
  if (is_first || streams_ == settled_ || rate > settled_rate_ * kGain) {
    settled_ = streams_;
    settled_rate_ = rate;
    if (streams_ < most_) {
      ++streams_;
    } else {
      content_until_ = now + kContent;
    }
    return;
  }
  streams_ = settled_;
  content_until_ = now + kContent;
}

}  // namespace platefs::cache
