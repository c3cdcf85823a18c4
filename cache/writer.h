// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <condition_variable>
#include <thread>

#include "cache/store.h"

namespace platefs::cache {

/// The one thread that changes the store. Jobs run in the order posted; the store is committed when
/// the queue has been idle or uncommitted bytes reach 16 MiB or a second has passed, whichever is first.
/// The destructor runs what is queued, commits, and joins. post() is thread-safe and never blocks.
class Writer {
 public:
  /// `store` outlives the writer. `warn` hears of commits that failed (they are tried again).
  Writer(Store& store, std::function<void(std::string_view)> warn);
  ~Writer();
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  using Job = std::function<void(Store&)>;   ///< must not throw, must not wait for network
  void post(Job job);
  /// Runs `job` on the writer thread and waits for it and for a commit. Not from the writer thread.
  void run(const Job& job);
  /// Buffers for bytes on their way to the store. Thread-safe.
  BytePool& pool() { return store_.pool(); }

 private:
  void loop();
  bool commit();
  bool wait_for_job(std::unique_lock<std::mutex>& lock, std::chrono::steady_clock::time_point deadline);

  Store& store_;
  std::function<void(std::string_view)> warn_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Job> jobs_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace platefs::cache
