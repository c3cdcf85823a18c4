// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "tools/commands/fetch_run.h"

namespace platefs::tools {

/// Tells a person (a bar on stderr when it is a terminal, failures as they come, a summary on stdout) or a
/// program (a line of JSON for each file on stdout) how a fetch goes on. Thread-safe.
class FetchReport final : public FetchListener {
 public:
  struct Style {
    bool as_json = false;
    bool has_bar = false;
    bool dry_run = false;
    bool is_quiet = false;        ///< failures alone
    bool keeps_answered = false;  ///< answered() is wanted
    std::size_t targets = 0;      ///< that there will be: their files become known while others come
  };
  explicit FetchReport(Style style) : style_(style) {}

  void target_answered(const NamedTarget& target, const fs::TargetSnapshot& snapshot) override;
  void target_failed(const std::string& label, const vo::Error& error) override;
  void planned(const std::vector<FetchJob>& jobs) override;
  void progressed(std::uint64_t) override {}
  void ended(const FetchJob& job, const FetchResult& result) override;

  /// From time to time: bytes that came from archives so far. Draws the bar.
  void tick(std::uint64_t bytes);
  /// Behind the summary: where the files are.
  void add_place(std::string place) { place_ = std::move(place); }
  /// Names of the directories of the targets that answered, where the style wants them.
  const std::vector<std::string>& answered() const { return answered_; }
  /// The last line; `interrupted` is told. Returns the exit code of the command.
  int finish(int interrupted_code);

 private:
  using Clock = std::chrono::steady_clock;
  void print(const std::string& line);     // on stdout, above the bar
  void complain(const std::string& line);  // on stderr, above the bar
  void draw();
  std::string bar() const;
  std::string progress_text() const;
  std::string summary() const;
  std::uint64_t count(FetchState state) const;
  std::uint64_t expected() const;
  void wipe();
  int exit_code() const;

  Style style_;
  std::mutex mutex_;
  std::map<FetchState, std::uint64_t> files_;
  std::uint64_t planned_ = 0, done_ = 0;
  std::uint64_t targets_ = 0, failed_targets_ = 0, partial_targets_ = 0;
  std::uint64_t arrived_ = 0, planned_bytes_ = 0;  // from archives; of the files, that a dry run counted
  bool all_exact_ = true;
  std::string place_;
  std::vector<std::string> answered_;
  Clock::time_point began_ = Clock::now();
  bool bar_is_drawn_ = false;
};

}  // namespace platefs::tools
