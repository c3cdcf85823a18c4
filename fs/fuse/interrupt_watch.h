// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <mutex>
#include <vector>

#include "fs/fuse/pending_signals.h"
#include "vo/base/guarded.h"
#include "vo/base/timer.h"

namespace platefs::fs {

/// Looks at threads that wait for an answer and got a signal: some signals end the waiting. The kernel tells of
/// the first signal only, so a thread that goes on waiting is looked at again until it has its answer. Thread-safe.
class InterruptWatch {
 public:
  enum class Heed {
    Interrupts,  ///< whatever ends the program or is there to interrupt it
    Ends,        ///< only what ends the program: no program expects EINTR from this call
  };
  using Clock = vo::Timer::Clock;

  /// `timer` ends before the watch does, and with it its last call.
  InterruptWatch(vo::Timer& timer, std::function<SignalWish(pid_t)> wish_of,
                 Clock::duration interval = std::chrono::milliseconds(40));

  bool ends_wait(pid_t thread, Heed heed) const;
  /// Calls `is_over` from time to time until it says so. It must be short and must not throw.
  void look_again(std::function<bool()> is_over);
  /// From here on nobody is looked at any more: the requests are about to go.
  void stop();

 private:
  void look();
  void look_later(Clock::duration wait);

  vo::Timer& timer_;
  std::function<SignalWish(pid_t)> wish_of_;
  Clock::duration interval_;
  struct Waiting {
    std::vector<std::function<bool()>> callers;
    bool is_looked_at = false;
    bool is_stopped = false;
  };
  vo::Guarded<Waiting> waiting_;
  std::mutex looking_;  ///< held while callers are looked at
};

}  // namespace platefs::fs
