// SPDX-License-Identifier: BSD-3-Clause
#include "cache/store/writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <future>
#include <memory>
#include <utility>

#include "vo/base/completion.h"

namespace platefs::cache {
namespace {

using Clock = std::chrono::steady_clock;
constexpr auto kNever = Clock::time_point::max();
constexpr auto kBatchTime = std::chrono::seconds(1);
constexpr auto kIdleTime = std::chrono::milliseconds(50);
constexpr auto kRetryTime = std::chrono::seconds(5);  // after a commit that failed

}  // namespace

Writer::Writer(Store& store, std::function<void(std::string_view)> warn)
    : store_(store),
      warn_(std::move(warn)),
      thread_(
          "writer", [this] { loop(); }, [this](const vo::Error& error) { give_up(error); }) {}

Writer::~Writer() { stop(); }

std::optional<vo::Error> Writer::stop() noexcept {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
  return std::exchange(failure_, std::nullopt);
}

void Writer::post(Job job) {
  {
    const std::lock_guard lock(mutex_);
    if (stopped_) return;  // its completions answer when it goes
    jobs_.push_back(std::move(job));
  }
  wake_.notify_one();
}

void Writer::run(const Job& job) {
  std::promise<void> ended;
  auto end = ended.get_future();
  // Answers when the job is dropped, too.
  auto told = std::make_shared<vo::Completion<bool>>([&ended](const vo::Outcome<bool>& outcome) {
    if (outcome) return ended.set_value();
    ended.set_exception(std::make_exception_ptr(outcome.error()));
  });
  post([&job, told = std::move(told)](Store& store) {
    try {
      job(store);
      try {
        store.commit();
      } catch (const vo::Error&) {
        if (!store.is_refused()) throw;  // else a warning has said so, and what there is stays in memory
      }
    } catch (...) {
      return (*told)(vo::current_error("writing to the cache"));
    }
    (*told)(true);
  });
  end.get();
}

void Writer::run_guarded(Job job) noexcept {
  try {
    job(store_);
  } catch (const std::exception& problem) {
    tell("writing to the cache failed", problem.what());
  } catch (...) {
    tell("writing to the cache failed", "unknown exception");
  }
}

void Writer::tell(std::string_view what, std::string_view why) const noexcept {
  try {
    warn_(fmt::format("{}: {}", what, why));
  } catch (...) {  // NOLINT(bugprone-empty-catch): there is no other place to tell it
  }
}

bool Writer::commit() noexcept {
  try {
    store_.commit();
    failure_.reset();
    return true;
  } catch (...) {
    failure_ = vo::current_error("the cache could not be committed");
    return false;
  }
}

/// The loop itself failed: nobody may wait for jobs that nobody runs.
void Writer::give_up(const vo::Error& error) {
  std::deque<Job> dropped;  // ends behind the lock
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    dropped.swap(jobs_);
  }
  failure_ = error;
  tell("the cache takes nothing more", error.what());
}

void Writer::loop() {
  auto dirty_since = kNever;  // kNever: there is nothing to commit
  auto not_before = Clock::time_point::min();
  std::unique_lock lock(mutex_);
  while (!stopping_ || !jobs_.empty()) {
    const bool idle =
        !wait_for_job(lock, dirty_since == kNever ? kNever : std::max(Clock::now() + kIdleTime, not_before));
    Job job;
    if (!jobs_.empty()) {
      job = std::move(jobs_.front());
      jobs_.pop_front();
    }
    lock.unlock();
    if (job) run_guarded(std::exchange(job, nullptr));  // what it holds ends here, not under the lock
    const auto now = Clock::now();
    if (!store_.has_uncommitted()) {
      dirty_since = kNever;
    } else if (dirty_since == kNever) {
      dirty_since = now;
    }
    const bool is_due = dirty_since != kNever && now >= not_before &&
                        (idle || now >= dirty_since + kBatchTime || store_.is_commit_due());
    if (is_due) {
      const bool committed = commit();
      if (!committed && !store_.is_refused()) tell("trying it again", failure_->what());
      not_before = committed ? Clock::time_point::min() : now + kRetryTime;
      dirty_since = store_.has_uncommitted() ? now : kNever;
    }
    lock.lock();
  }
  stopped_ = true;
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
