// SPDX-License-Identifier: BSD-3-Clause
#include "cache/writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <future>
#include <utility>

namespace platefs::cache {
namespace {

using Clock = std::chrono::steady_clock;
constexpr auto kNever = Clock::time_point::max();
constexpr std::uint64_t kBatchBytes = 16ull << 20;
constexpr auto kBatchTime = std::chrono::seconds(1);
constexpr auto kIdleTime = std::chrono::milliseconds(50);
constexpr auto kRetryTime = std::chrono::seconds(5);   // after a commit that failed

}  // namespace

Writer::Writer(Store& store, std::function<void(std::string_view)> warn)
    : store_(store), warn_(std::move(warn)), thread_([this] { loop(); }) {}

Writer::~Writer() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

void Writer::post(Job job) {
  {
    const std::lock_guard lock(mutex_);
    jobs_.push_back(std::move(job));
  }
  wake_.notify_one();
}

void Writer::run(const Job& job) {
  std::promise<void> done;
  post([&](Store& store) {
    try {
      job(store);
      try {
        store.commit();
      } catch (const vo::Error&) {
        if (!store.is_refused()) throw;    // else a warning has said so, and what there is stays in memory
      }
      done.set_value();
    } catch (...) {
      done.set_exception(std::current_exception());
    }
  });
  done.get_future().get();
}

bool Writer::commit() {
  try {
    store_.commit();
    return true;
  } catch (const std::exception& problem) {
    if (!store_.is_refused()) {
      warn_(fmt::format("the cache could not be committed, trying again: {}", problem.what()));
    }
    return false;
  }
}

void Writer::loop() {
  auto dirty_since = kNever;         // kNever: there is nothing to commit
  auto not_before = Clock::time_point::min();
  std::unique_lock lock(mutex_);
  while (!stopping_ || !jobs_.empty()) {
    const bool idle = !wait_for_job(lock, dirty_since == kNever ? kNever
                                                                : std::max(Clock::now() + kIdleTime, not_before));
    Job job;
    if (!jobs_.empty()) {
      job = std::move(jobs_.front());
      jobs_.pop_front();
    }
    lock.unlock();
    if (job) job(store_);
    job = nullptr;                   // what it holds ends here, not under the lock
    const auto now = Clock::now();
    if (!store_.has_uncommitted()) {
      dirty_since = kNever;
    } else if (dirty_since == kNever) {
      dirty_since = now;
    }
    const bool is_due = dirty_since != kNever && now >= not_before &&
                        (idle || now >= dirty_since + kBatchTime || store_.uncommitted_bytes() >= kBatchBytes);
    if (is_due) {
      not_before = commit() ? Clock::time_point::min() : now + kRetryTime;
      dirty_since = store_.has_uncommitted() ? now : kNever;
    }
    lock.lock();
  }
  lock.unlock();
  commit();
}

/// False: nothing to do came until `deadline`.
bool Writer::wait_for_job(std::unique_lock<std::mutex>& lock, std::chrono::steady_clock::time_point deadline) {
  const auto has_work = [this] { return !jobs_.empty() || stopping_; };
  if (deadline != kNever) return wake_.wait_until(lock, deadline, has_work);
  wake_.wait(lock, has_work);
  return true;
}

}  // namespace platefs::cache
