// SPDX-License-Identifier: BSD-3-Clause
#include "vo/base/timer.h"

#include <utility>

namespace platefs::vo {

Timer::Timer()
    : thread_(
          "timer", [this](const std::stop_token& stop) { loop(stop); }, [](const Error&) {}) {}

Timer::~Timer() = default;  // the thread is asked to stop, and joined

void Timer::stop() {
  thread_.request_stop();
  thread_.join();
}

void Timer::after(Clock::duration wait, std::function<void()> call) {
  {
    const std::lock_guard lock(mutex_);
    calls_.emplace(Clock::now() + wait, std::move(call));
  }
  wake_.notify_one();
}

void Timer::loop(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    if (calls_.empty()) {
      wake_.wait(lock, stop, [this] { return !calls_.empty(); });
      continue;
    }
    const auto due = calls_.begin()->first;
    if (Clock::now() < due) {
      wake_.wait_until(lock, stop, due, [&] { return calls_.begin()->first < due; });
      continue;
    }
    auto call = std::move(calls_.extract(calls_.begin()).mapped());
    lock.unlock();
    call_guarded(std::move(call));
    lock.lock();
  }
}

void Timer::call_guarded(std::function<void()> call) noexcept {
  try {
    call();
  } catch (...) {  // NOLINT(bugprone-empty-catch): it concerns this call alone
  }
}

}  // namespace platefs::vo
