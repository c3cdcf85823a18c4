// SPDX-License-Identifier: BSD-3-Clause
#include "fs/fuse/interrupt_watch.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace platefs::fs {

InterruptWatch::InterruptWatch(vo::Timer& timer, std::function<SignalWish(pid_t)> wish_of, Clock::duration interval)
    : timer_(timer), wish_of_(std::move(wish_of)), interval_(interval) {}

bool InterruptWatch::ends_wait(pid_t thread, Heed heed) const {
  const auto wish = wish_of_(thread);
  return wish == SignalWish::Ends || (wish == SignalWish::Interrupts && heed == Heed::Interrupts);
}

void InterruptWatch::look_again(std::function<bool()> is_over) {
  {
    const auto waiting = waiting_.lock();
    if (waiting->is_stopped) return;
    waiting->callers.push_back(std::move(is_over));
    if (std::exchange(waiting->is_looked_at, true)) return;
  }
  look_later(interval_);
}

void InterruptWatch::look_later(Clock::duration wait) {
  timer_.after(wait, [this] { look(); });
}

void InterruptWatch::look() {
  const std::lock_guard looking(looking_);
  const auto began = Clock::now();
  auto callers = std::exchange(waiting_.lock()->callers, {});
  std::erase_if(callers, [](const std::function<bool()>& is_over) { return is_over(); });
  {
    const auto waiting = waiting_.lock();
    if (waiting->is_stopped) return;
    std::ranges::move(callers, std::back_inserter(waiting->callers));
    waiting->is_looked_at = !waiting->callers.empty();
    if (!waiting->is_looked_at) return;
  }
  // A tenth of a CPU at most, however many wait.
  look_later(std::max(interval_, 9 * (Clock::now() - began)));
}

void InterruptWatch::stop() {
  {
    const auto waiting = waiting_.lock();
    waiting->is_stopped = true;
    waiting->callers.clear();
  }
  const std::lock_guard looking(looking_);  // whoever is being looked at was
}

}  // namespace platefs::fs
