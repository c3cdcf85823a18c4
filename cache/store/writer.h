// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <utility>

#include "cache/store/store.h"
#include "vo/base/thread.h"

namespace platefs::cache {

/// The one thread that changes the store. Jobs run in the order posted; the store is committed when
/// the queue has been idle, or much waits (Store::is_commit_due), or a second has passed, whichever is first.
/// post() is thread-safe and never blocks.
class Writer {
 public:
  /// `store` outlives the writer. `warn` hears of commits that failed (they are tried again).
  Writer(Store& store, std::function<void(std::string_view)> warn);
  ~Writer();
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  /// Must not wait for the network. What one throws is told to `warn`, and the next is run all the same.
  using Job = std::function<void(Store&)>;
  void post(Job job);  ///< dropped once it has stopped: completions in it answer as they go
  /// Runs `job` on the writer thread and waits for it and for a commit. Not from the writer thread.
  /// Throws what either threw, Error{Cancelled} when it has stopped.
  void run(const Job& job);
  /// Runs what is queued, commits, and joins; the Error of that commit. The destructor does it if nobody did.
  /// One thread at a time; whatever still posts should have ended before.
  std::optional<vo::Error> stop() noexcept;
  /// For put_packed in a job. Thread-safe.
  PackedDocument packed(Document document) const { return store_.packed(std::move(document)); }
  /// Buffers for bytes on their way to the store. Thread-safe.
  BufferPool& pool() { return store_.pool(); }

 private:
  void loop();
  void give_up(const vo::Error& error);
  void run_guarded(Job job) noexcept;
  bool commit() noexcept;
  void tell(std::string_view what, std::string_view why) const noexcept;
  bool wait_for_job(std::unique_lock<std::mutex>& lock, std::chrono::steady_clock::time_point deadline);

  Store& store_;
  std::function<void(std::string_view)> warn_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Job> jobs_;
  bool stopping_ = false;
  bool stopped_ = false;              ///< no job is taken any more
  std::optional<vo::Error> failure_;  ///< of the latest commit; the writer thread's own until it is joined
  vo::Thread thread_;
};

}  // namespace platefs::cache
