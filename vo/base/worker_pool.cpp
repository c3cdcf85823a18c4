// SPDX-License-Identifier: BSD-3-Clause
#include "vo/base/worker_pool.h"

#include <utility>

namespace platefs::vo {
namespace {

void run_guarded(WorkerPool::Job job, const std::stop_token& stop) noexcept {
  try {
    job(stop);
  } catch (...) {  // NOLINT(bugprone-empty-catch): the completions that it holds answer when it goes
  }
}

}  // namespace

WorkerPool::WorkerPool(int threads) {
  for (int i = 0; i < threads; ++i) {
    threads_.emplace_back(
        "query", [this](const std::stop_token& stop) { work(stop); }, [](const Error&) {});
  }
}

WorkerPool::~WorkerPool() { stop(); }

void WorkerPool::stop() {
  for (auto& thread : threads_) thread.request_stop();
  threads_.clear();
  std::deque<Job> dropped;  // their completions answer "cancelled"
  const std::lock_guard lock(mutex_);
  stopped_ = true;
  dropped.swap(jobs_);
}

void WorkerPool::post(Job job) {
  {
    const std::lock_guard lock(mutex_);
    if (stopped_) return;  // dropped, like those that waited
    jobs_.push_back(std::move(job));
  }
  wake_.notify_one();
}

std::size_t WorkerPool::waiting() const {
  const std::lock_guard lock(mutex_);
  return jobs_.size();
}

void WorkerPool::work(const std::stop_token& stop) {
  while (true) {
    Job job;
    {
      std::unique_lock lock(mutex_);
      if (!wake_.wait(lock, stop, [this] { return !jobs_.empty(); }) || stop.stop_requested()) return;
      job = std::move(jobs_.front());
      jobs_.pop_front();
    }
    run_guarded(std::move(job), stop);
  }
}

}  // namespace platefs::vo
