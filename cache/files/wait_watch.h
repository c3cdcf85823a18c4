// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <memory>
#include <vector>

#include "vo/base/guarded.h"
#include "vo/base/timer.h"

namespace platefs::cache {

class CachedFile;

/// Keeps the promise that whoever waits for a file owns something under way for it, or a deadline: a
/// file for which nothing has been under way for that long gives its waiters up (CachedFile::look_after).
/// Costs nothing while nobody waits. Thread-safe. The timer ends before it does.
class WaitWatch {
 public:
  WaitWatch(vo::Timer& timer, vo::Timer::Clock::duration deadline) : timer_(timer), deadline_(deadline) {}

  /// Somebody waits for `file`; it is looked after until nobody does. Call with no lock held.
  void watch(std::weak_ptr<CachedFile> file);

 private:
  struct State {
    std::vector<std::weak_ptr<CachedFile>> files;
    bool is_set = false;  ///< the timer
  };
  void look();
  void set_timer();

  vo::Timer& timer_;
  vo::Timer::Clock::duration deadline_;
  vo::Guarded<State> state_;
};

}  // namespace platefs::cache
