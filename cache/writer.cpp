// SPDX-License-Identifier: BSD-3-Clause
#include "cache/writer.h"

#include <fmt/format.h>

#include <future>
#include <optional>
#include <utility>

namespace platefs::cache {
namespace {

using Clock = std::chrono::steady_clock;
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
      store.commit();
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
    warn_(fmt::format("the cache could not be committed, trying again: {}", problem.what()));
    return false;
  }
}

void Writer::loop() {
  std::optional<Clock::time_point> dirty_since;
  Clock::time_point not_before{};
  std::unique_lock lock(mutex_);
  for (;;) {
    const auto has_work = [this] { return !jobs_.empty() || stopping_; };
    const bool idle = dirty_since ? !wake_.wait_until(lock, std::max(Clock::now() + kIdleTime, not_before), has_work)
                                  : (wake_.wait(lock, has_work), false);
    if (!jobs_.empty()) {
      const auto job = std::move(jobs_.front());
      jobs_.pop_front();
      lock.unlock();
      job(store_);
      lock.lock();
    } else if (stopping_) {
      break;
    }
    lock.unlock();
    const auto now = Clock::now();
    if (!store_.has_uncommitted()) {
      dirty_since.reset();
    } else if (!dirty_since) {
      dirty_since = now;
    }
    const bool due = dirty_since && (idle || now - *dirty_since >= kBatchTime ||
                                     store_.uncommitted_bytes() >= kBatchBytes);
    if (due && now >= not_before) {
      not_before = commit() ? Clock::time_point{} : now + kRetryTime;
      dirty_since.reset();
      if (store_.has_uncommitted()) dirty_since = now;
    }
    lock.lock();
  }
  lock.unlock();
  commit();
}

}  // namespace platefs::cache
