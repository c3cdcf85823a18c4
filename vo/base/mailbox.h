// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <condition_variable>
#include <mutex>
#include <optional>
#include <stop_token>
#include <utility>

#include "vo/base/completion.h"
#include "vo/base/error.h"

namespace platefs::vo {

/// A place where one answer arrives for a thread that waits. Share it: the answer may come after the
/// waiter has left.
template <typename T>
class Mailbox {
 public:
  void put(Outcome<T> outcome) {
    {
      const std::lock_guard lock(mutex_);
      if (answer_) return;
      answer_.emplace(std::move(outcome));
    }
    arrived_.notify_all();
  }

  /// The answer; throws its Error, or Error{Cancelled} when `stop` is requested first.
  T take(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    if (!arrived_.wait(lock, stop, [this] { return answer_.has_value(); })) {
      throw Error{ErrorKind::Cancelled, "nobody waits for it any more"};
    }
    return std::move(*answer_).value();
  }

 private:
  std::mutex mutex_;
  std::condition_variable_any arrived_;
  std::optional<Outcome<T>> answer_;
};

}  // namespace platefs::vo
