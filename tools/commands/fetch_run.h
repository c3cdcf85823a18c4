// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "tools/commands/fetch_jobs.h"

namespace platefs::tools {

/// The listener of a fetch. Called on any thread, several at a time.
struct FetchListener {
  virtual ~FetchListener() = default;
  virtual void target_answered(const NamedTarget& target, const fs::TargetSnapshot& snapshot) = 0;
  virtual void target_failed(const std::string& label, const vo::Error& error) = 0;
  virtual void planned(const std::vector<FetchJob>& jobs) = 0;  ///< more files than known so far
  virtual void progressed(std::uint64_t bytes) = 0;
  virtual void ended(const FetchJob& job, const FetchResult& result) = 0;
};

/// Where the files of a fetch go beside the cache. Called on any thread, several at a time.
struct FetchDelivery {
  virtual ~FetchDelivery() = default;
  /// It was delivered before and need not be brought again.
  virtual bool has(const FetchJob& job, const cache::ProductFacts& facts) = 0;
  /// Reads `file`, which is `product`'s, from end to end.
  virtual void deliver(const FetchJob& job, cache::OpenFile& file, const cache::Product& product) = 0;
  virtual void failed(const FetchJob& job, const std::string& error) = 0;
  /// Files on their way are given up: nobody waits long for what they go to. Called at most once, from any thread.
  virtual void stop() noexcept {}
};

/// Brings files of targets into the cache by `threads` threads of straight-line code. Plates are asked for (together
/// where an archive lets it) while files come: never are more than some targets' files planned ahead, so that memory
/// does not grow with the number of targets. `library` and `listener` outlive it.
class FetchRun {
 public:
  struct Settings {
    WantedFiles wanted;
    vo::Angle radius = vo::Angle::arcminutes(10);  ///< of targets that name none
    int threads = 8;
    bool dry_run = false;     ///< plates are asked for, files are not
    bool keeps_held = false;  ///< held() is wanted
    FetchDelivery* delivery = nullptr;
  };
  FetchRun(cache::Library& library, FetchListener& listener, Settings settings);

  /// Returns when all is done, or soon after stop() (the library has to be stopped, too: waits end by it).
  /// Throws the Error of what failed beside the files: no memory, no thread.
  void run(const std::vector<WantedTarget>& targets);
  void stop();  ///< any thread
  /// The keys of the wanted files that the cache holds; after run(), where the settings want it.
  const std::vector<std::string>& held() const { return held_; }

 private:
  using Task = std::function<void()>;
  void work();
  static std::optional<vo::Error> failure_of(const Task& task) noexcept;
  void fail(const vo::Error& error);
  void stop_for(const vo::Error& error);
  bool is_stopped();
  Task next_task();
  std::span<const WantedTarget> next_slice();
  void query_plates_ahead(std::span<const WantedTarget> targets);
  void ask(const WantedTarget& target);
  NamedTarget resolved(const WantedTarget& target);
  bool is_planned(const NamedTarget& target);
  void leave_out_planned(std::vector<FetchJob>& jobs);
  void plan(const NamedTarget& target, const fs::TargetSnapshot& snapshot, std::vector<FetchJob>& at_once);
  void fetch(const FetchJob& job);
  FetchResult result_of(const FetchJob& job);
  FetchResult brought(const FetchJob& job, cache::Product& product);
  void read_whole(cache::Product& product, cache::OpenFile& file);
  std::shared_ptr<const cache::LinksAnswer> links_of(const cache::PlateRef& plate);
  std::shared_ptr<const cache::LinksAnswer> links_to_plan(const cache::PlateRef& plate);

  cache::Library& library_;
  FetchListener& listener_;
  Settings settings_;
  std::mutex mutex_;
  std::condition_variable wake_;
  const std::vector<WantedTarget>* targets_ = nullptr;
  std::size_t next_target_ = 0;  ///< of `targets_`, to be asked for its plates
  std::size_t asked_ahead_ = 0;  ///< of `targets_`, so many, together
  std::deque<FetchJob> jobs_;    ///< planned, not begun
  int busy_ = 0, asking_ = 0;    ///< threads at work, and those of them that plan
  bool stopped_ = false;
  std::optional<vo::Error> failure_;  ///< of this program, not of a file
  std::set<std::pair<std::uint64_t, std::uint64_t>>
      planned_;  ///< digests of the names of targets, and of files of theirs
  std::vector<std::string> held_;
};

}  // namespace platefs::tools
