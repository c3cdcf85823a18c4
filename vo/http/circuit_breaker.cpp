// SPDX-License-Identifier: BSD-3-Clause
#include "vo/http/circuit_breaker.h"

#include <algorithm>

namespace platefs::vo {

std::optional<CircuitBreaker::Entry> CircuitBreaker::enter(TimePoint now) {
  if (!paused_) return Entry::Normal;
  if (probing_ || now < until_) return std::nullopt;
  probing_ = true;
  return Entry::Probe;
}

void CircuitBreaker::succeeded() {
  failures_ = 0;
  paused_ = false;
  probing_ = false;
}

void CircuitBreaker::failed(Entry entry, TimePoint began, TimePoint now) {
  if (entry == Entry::Normal && began < last_failure_) return;
  last_failure_ = now;
  ++failures_;
  if (!paused_) {
    if (failures_ >= rules_.failures) pause(rules_.first_pause, now);
  } else if (entry == Entry::Probe) {
    pause(std::min(2 * length_, rules_.longest_pause), now);
  }
  // A failure of a request that was under way before the pause began says nothing new.
}

void CircuitBreaker::abandoned(Entry entry) {
  if (entry == Entry::Probe) probing_ = false;
}

void CircuitBreaker::pause(std::chrono::milliseconds length, TimePoint now) {
  length_ = length;
  until_ = now + length;
  paused_ = true;
  probing_ = false;
}

}  // namespace platefs::vo
