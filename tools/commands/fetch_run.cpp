// SPDX-License-Identifier: BSD-3-Clause
#include "tools/commands/fetch_run.h"

#include <xxhash.h>

#include <algorithm>
#include <iterator>

#include "cache/files/file_kinds.h"
#include "fs/tree/find_target.h"
#include "tools/commands/fetch_outcome.h"
#include "vo/base/error.h"
#include "vo/base/thread.h"
#include "vo/base/wait_for.h"

namespace platefs::tools {
namespace {

using vo::Error;
using vo::ErrorKind;

constexpr std::uint64_t kStep = 1u << 20;
constexpr std::size_t kAskedAhead = 1000;  // targets; of each an archive's question is kept until it is answered
constexpr std::size_t kPlannedAhead = 64;  // files; what is known of each plate's table lives as long

/// Of 128 bits: one that two keys have in common would be a file that is never fetched.
std::pair<std::uint64_t, std::uint64_t> digest_of(const std::string& key) {
  const auto digest = XXH3_128bits(key.data(), key.size());
  return {digest.low64, digest.high64};
}

}  // namespace

FetchRun::FetchRun(cache::Library& library, FetchListener& listener, Settings settings)
    : library_(library), listener_(listener), settings_(settings) {}

void FetchRun::run(const std::vector<WantedTarget>& targets) {
  targets_ = &targets;
  query_plates_ahead(next_slice());
  std::vector<vo::Thread> threads;
  for (int i = 0; i < settings_.threads; ++i) {
    threads.emplace_back(
        "fetch", [this] { work(); }, [this](const Error& error) { fail(error); });
  }
  for (auto& thread : threads) thread.join();
  if (failure_) throw *failure_;
}

/// With the lock held, or before there are threads. Those whose turn is not far.
std::span<const WantedTarget> FetchRun::next_slice() {
  if (next_target_ + kAskedAhead / 2 < asked_ahead_) return {};
  const auto slice = std::span(*targets_).subspan(asked_ahead_);
  const auto next = slice.first(std::min(slice.size(), kAskedAhead));
  asked_ahead_ += next.size();
  return next;
}

/// Of several targets together, as far as it is known where they are.
void FetchRun::query_plates_ahead(std::span<const WantedTarget> targets) {
  std::vector<vo::IcrsPosition> positions;
  for (const auto& target : targets) {
    if (target.target) positions.push_back(target.target->position);
  }
  if (positions.size() > 1) library_.query_plates_ahead(positions);
}

void FetchRun::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    jobs_.clear();
    wake_.notify_all();
  }
  // Behind that: what is given up is no failure.
  if (settings_.delivery != nullptr) settings_.delivery->stop();
}

bool FetchRun::is_stopped() {
  const std::lock_guard lock(mutex_);
  return stopped_;
}

/// With the lock held; nothing when there is nothing to do now. Half of the threads plan while files wait.
FetchRun::Task FetchRun::next_task() {
  const bool may_ask = next_target_ < targets_->size() && jobs_.size() < kPlannedAhead;
  const bool asks = may_ask && (jobs_.empty() || 2 * asking_ < settings_.threads);
  if (asks) {
    ++asking_;
    return [this, &target = (*targets_)[next_target_++], slice = next_slice()] {
      query_plates_ahead(slice);
      ask(target);
      const std::lock_guard lock(mutex_);
      --asking_;
    };
  }
  if (jobs_.empty()) return nullptr;
  Task task = [this, job = std::move(jobs_.front())] { fetch(job); };
  jobs_.pop_front();
  return task;
}

/// A task tells its own failures; one that comes out of it is a failure of the telling.
std::optional<vo::Error> FetchRun::failure_of(const Task& task) noexcept {
  try {
    task();
    return std::nullopt;
  } catch (...) {
    return vo::current_error("fetching");
  }
}

void FetchRun::fail(const Error& error) {
  const std::lock_guard lock(mutex_);
  stop_for(error);
}

/// With the lock held. Nobody would hear how it goes on.
void FetchRun::stop_for(const Error& error) {
  if (!failure_) failure_ = error;
  stopped_ = true;
  jobs_.clear();
}

void FetchRun::work() {
  std::unique_lock lock(mutex_);
  while (!stopped_) {
    const auto task = next_task();
    if (!task) {
      if (busy_ == 0) break;  // else who is busy may plan more
      wake_.wait(lock);
      continue;
    }
    ++busy_;
    lock.unlock();
    const auto failure = failure_of(task);
    lock.lock();
    --busy_;
    if (failure) stop_for(*failure);
    wake_.notify_all();
  }
  wake_.notify_all();
}

NamedTarget FetchRun::resolved(const WantedTarget& target) {
  if (target.target) return {target.label, *target.target};
  return {target.label, vo::wait_for<fs::Target>([&](vo::Completion<fs::Target> done) {
            fs::find_target(library_, target.word, settings_.radius, std::move(done));
          })};
}

void FetchRun::ask(const WantedTarget& wanted) {
  std::vector<FetchJob> jobs;
  try {
    const auto target = resolved(wanted);
    using Snapshot = std::shared_ptr<const fs::TargetSnapshot>;
    const auto state = std::make_shared<fs::TargetState>(library_, target.target);
    const auto snapshot = vo::wait_for<Snapshot>([&](vo::Completion<Snapshot> done) { state->ask(std::move(done)); });
    if (!settings_.dry_run) library_.remember_target(target.target.directory_name());
    listener_.target_answered(target, *snapshot);
    plan(target, *snapshot, jobs);
  } catch (...) {
    if (!is_stopped()) listener_.target_failed(wanted.label, vo::current_error("plates of " + wanted.label));
  }
  // Those of a dry run take no time.
  for (const auto& job : jobs) fetch(job);
}

std::shared_ptr<const cache::LinksAnswer> FetchRun::links_of(const cache::PlateRef& plate) {
  using Links = std::shared_ptr<const cache::LinksAnswer>;
  if (settings_.dry_run) return library_.known_links(plate);
  return vo::wait_for<Links>([&](vo::Completion<Links> done) { library_.links_of(plate, std::move(done)); });
}

/// Of links/ only what is known can be planned; a plate whose links can't be had says so file by file.
std::shared_ptr<const cache::LinksAnswer> FetchRun::links_to_plan(const cache::PlateRef& plate) {
  if (!settings_.wanted.links) return nullptr;
  try {
    return links_of(plate);
  } catch (const Error&) {
    return nullptr;
  }
}

/// Under two spellings it is one, but where each is a directory.
bool FetchRun::is_planned(const NamedTarget& target) {
  const auto& place = target.target;
  const auto name = settings_.delivery != nullptr ? place.directory_name()
                    : place.years
                        ? fmt::format("{} {}-{}", place.canonical_name(), place.years->first, place.years->last)
                        : place.canonical_name();
  const std::lock_guard lock(mutex_);
  return !planned_.insert(digest_of(name)).second;
}

/// A plate's own files are the same for all targets on it; those that show a region are no other target's.
void FetchRun::leave_out_planned(std::vector<FetchJob>& jobs) {
  const std::lock_guard lock(mutex_);
  std::erase_if(jobs, [this](const FetchJob& job) {
    return !cache::shows_region(job.id.kind) && !planned_.insert(digest_of(job.id.key())).second;
  });
}

/// Jobs that need no other thread are put into `at_once`.
void FetchRun::plan(const NamedTarget& target, const fs::TargetSnapshot& snapshot, std::vector<FetchJob>& at_once) {
  if (is_planned(target)) return;
  for (const auto& plate : snapshot.plates) {
    auto jobs = jobs_of(target, *plate, settings_.wanted, links_to_plan(plate->ref).get());
    if (settings_.delivery == nullptr) leave_out_planned(jobs);
    listener_.planned(jobs);
    const std::lock_guard lock(mutex_);
    if (stopped_) return;
    if (settings_.dry_run) {
      std::ranges::move(jobs, std::back_inserter(at_once));
      continue;
    }
    std::ranges::move(jobs, std::back_inserter(jobs_));
    wake_.notify_all();
  }
}

void FetchRun::fetch(const FetchJob& job) {
  const auto result = result_of(job);
  // What was broken off is no failure of the file.
  if (result.state == FetchState::Failed && is_stopped()) return;
  if (settings_.keeps_held && (result.state == FetchState::Fetched || result.state == FetchState::Cached)) {
    const std::lock_guard lock(mutex_);
    held_.push_back(job.id.key());
  }
  listener_.ended(job, result);
}

FetchResult FetchRun::result_of(const FetchJob& job) {
  try {
    const auto product = library_.product(job.id);
    const auto facts = product->facts();
    if (settings_.dry_run) return planned_result(facts);
    const bool is_cached = facts.state == cache::ProductState::Cached;
    const bool is_wanted = settings_.delivery != nullptr && !settings_.delivery->has(job, facts);
    if (!is_wanted && (is_cached || settings_.delivery != nullptr)) {
      return {FetchState::Cached, facts.size.value_or(facts.estimate), facts.size.has_value(), 0, {}};
    }
    // Before it is opened, so that no file of the plate waits for them in the archive's few threads.
    if (!is_cached && !cache::is_had_without_links(job.id)) links_of(job.id.plate);
    return brought(job, *product);
  } catch (...) {
    const auto error = vo::current_error("fetching it");
    if (settings_.delivery != nullptr && !is_stopped()) settings_.delivery->failed(job, error.message());
    return {state_of_failure(error, library_, job.id), 0, false, 0, error.message()};
  }
}

FetchResult FetchRun::brought(const FetchJob& job, cache::Product& product) {
  using Opened = std::shared_ptr<cache::OpenFile>;
  const auto before = product.facts();
  const auto file = vo::wait_for<Opened>([&](vo::Completion<Opened> done) { product.open(std::move(done)); });
  const auto bytes = file->size() - std::min(before.held_bytes, file->size());
  if (settings_.delivery != nullptr) {
    settings_.delivery->deliver(job, *file, product);
    return {before.state == cache::ProductState::Cached ? FetchState::Cached : FetchState::Fetched,
            file->size(),
            true,
            bytes,
            {}};
  }
  read_whole(product, *file);
  return {FetchState::Fetched, file->size(), true, bytes, {}};
}

/// From end to end, which leaves it in the cache.
void FetchRun::read_whole(cache::Product& product, cache::OpenFile& file) {
  for (std::uint64_t at = 0; at < file.size(); at += kStep) {
    const vo::ByteRange range{at, std::min(at + kStep, file.size())};
    const auto held = product.facts().held_bytes;
    vo::wait_for<cache::Extent>([&](vo::Completion<cache::Extent> done) { file.read(range, std::move(done)); });
    if (held < file.size()) listener_.progressed(range.size());
  }
  if (product.facts().state == cache::ProductState::Cached) return;
  throw Error{ErrorKind::NoSpace,
              "it was read, but the cache has no room to keep it; raise --cache-size, or "
              "`platefs cache unpin` what may go"};
}

}  // namespace platefs::tools
