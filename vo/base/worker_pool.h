// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "vo/base/completion.h"
#include "vo/base/thread.h"

namespace platefs::vo {

/// Threads for short conversations with one archive; each archive has its own pool, so that a dead one
/// starves nobody else. Jobs run first come, first served. post() is thread-safe and never blocks.
/// The destructor asks running jobs to stop, drops those that wait, and joins.
class WorkerPool {
 public:
  explicit WorkerPool(int threads);
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  /// Its token is stopped when the pool ends. A job that throws is over, and what it held unanswered is answered by
  /// its completions' destructors; the thread takes the next one.
  using Job = std::function<void(const std::stop_token&)>;
  void post(Job job);
  /// Runs `job` and tells `done` what it returned, or what it threw (with `context`, see current_error); one that never
  /// runs, since the pool ends first, is Error{Cancelled}.
  template <typename T, typename Call>
  void run(std::string context, Call job, Completion<T> done) {
    const auto told = std::make_shared<Completion<T>>(std::move(done));
    post([context = std::move(context), job = std::move(job), told](const std::stop_token& stop) {
      (*told)(outcome_of<T>(job, stop, context));
    });
  }
  std::size_t waiting() const;
  /// What the destructor does, earlier: afterwards no job runs any more.
  void stop();

 private:
  template <typename T, typename Call>
  static Outcome<T> outcome_of(const Call& job, const std::stop_token& stop, const std::string& context) {
    try {
      return job(stop);
    } catch (...) {
      return current_error(context);
    }
  }
  void work(const std::stop_token& stop);

  mutable std::mutex mutex_;
  std::condition_variable_any wake_;
  std::deque<Job> jobs_;
  bool stopped_ = false;
  std::vector<Thread> threads_;
};

}  // namespace platefs::vo
