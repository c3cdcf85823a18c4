// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>

#include "vo/base/thread.h"

namespace platefs::vo {

/// Calls functions later, on one thread of its own: for deadlines that no transfer keeps. Functions must
/// be short; what one throws is dropped, and the next is called all the same. after() is thread-safe. What has
/// not been called when it is destroyed never is.
class Timer {
 public:
  using Clock = std::chrono::steady_clock;

  Timer();
  ~Timer();
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  void after(Clock::duration wait, std::function<void()> call);
  /// When it returns nothing is called any more. One thread at a time; not from a call.
  void stop();

 private:
  void loop(const std::stop_token& stop);
  static void call_guarded(std::function<void()> call) noexcept;

  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::multimap<Clock::time_point, std::function<void()>> calls_;
  Thread thread_;
};

}  // namespace platefs::vo
