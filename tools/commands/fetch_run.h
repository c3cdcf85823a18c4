// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <set>
#include <string>
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

/// Brings files of targets into the cache by `threads` threads of straight-line code: first all targets
/// are asked for their plates (together where an archive lets it), then file after file. `library` and `listener`
/// outlive it.
class FetchRun {
 public:
  struct Settings {
    WantedFiles wanted;
    vo::Angle radius = vo::Angle::arcminutes(10);  ///< of targets that name none
    int threads = 8;
    bool dry_run = false;  ///< plates are asked for, files are not
  };
  FetchRun(cache::Library& library, FetchListener& listener, Settings settings);

  /// Returns when all is done, or soon after stop() (the library has to be stopped, too: waits end by it).
  /// Throws the Error of what failed beside the files: no memory, no thread.
  void run(const std::vector<WantedTarget>& targets);
  void stop();  ///< any thread
  /// The keys of the wanted files that the cache holds; after run().
  const std::vector<std::string>& held() const { return held_; }

 private:
  using Task = std::function<void()>;
  void work();
  static std::optional<vo::Error> failure_of(const Task& task) noexcept;
  void fail(const vo::Error& error);
  void stop_for(const vo::Error& error);
  bool is_stopped();
  void add(std::vector<Task> tasks);
  void query_plates_ahead(const std::vector<WantedTarget>& targets);
  void ask(const WantedTarget& target);
  NamedTarget resolved(const WantedTarget& target);
  void plan(const NamedTarget& target, const fs::TargetSnapshot& snapshot);
  void fetch(const FetchJob& job);
  FetchResult result_of(const FetchJob& job);
  FetchResult brought(cache::Product& product);
  std::shared_ptr<const cache::LinksAnswer> links_of(const cache::PlateRef& plate);
  std::shared_ptr<const cache::LinksAnswer> links_to_plan(const cache::PlateRef& plate);

  cache::Library& library_;
  FetchListener& listener_;
  Settings settings_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Task> tasks_;
  int busy_ = 0;
  bool stopped_ = false;
  std::optional<vo::Error> failure_;  ///< of this program, not of a file
  std::set<std::string> keys_;        ///< of files that are planned already
  std::vector<std::string> held_;
};

}  // namespace platefs::tools
