// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <condition_variable>
#include <mutex>
#include <utility>

namespace platefs::vo {

/// A value that is only reachable through its lock. Hold one lock at a time; call out after it.
template <typename T>
class Guarded {
 public:
  class Access {
   public:
    T& operator*() const { return *value_; }
    T* operator->() const { return value_; }
    std::unique_lock<std::mutex>& lock() { return lock_; }

   private:
    friend class Guarded;
    Access(T& value, std::mutex& mutex) : lock_(mutex), value_(&value) {}
    std::unique_lock<std::mutex> lock_;
    T* value_;
  };

  Guarded() = default;
  explicit Guarded(T value) : value_(std::move(value)) {}

  Access lock() { return Access{value_, mutex_}; }
  Access lock() const { return Access{value_, mutex_}; }

 private:
  mutable std::mutex mutex_;
  mutable T value_{};
};

}  // namespace platefs::vo
