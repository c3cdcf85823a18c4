// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <stop_token>
#include <string>
#include <vector>

#include "tools/commands/plate_shelf.h"
#include "tools/commands/plate_table.h"

namespace platefs::tools {

/// How far an index is.
struct IndexProgress {
  std::size_t files = 0;  ///< on the shelf
  std::size_t unchanged = 0, read = 0, unsolved = 0, failed = 0;
  std::uint64_t bytes = 0;         ///< of remote files that came
  std::uint64_t header_bytes = 0;  ///< of these, headers
  std::size_t done() const { return unchanged + read + failed; }
};

/// Makes the rows of all files of a shelf, by several threads, keeping those whose file is what it was. Thread-safe.
class IndexRun {
 public:
  struct Settings {
    std::filesystem::path table;  ///< what is local is named relative to its folder
    std::string collection;
    int threads = 4;
    /// Hears of each file that fails, and of each without a place; on any thread.
    std::function<void(const std::string& file, const std::string& reason, bool is_failure)> tell;
  };
  /// `known`: rows of before. All outlive it.
  IndexRun(vo::Transport& transport, Settings settings, PlateRows known);

  /// Returns when all is done, or soon after `stop`; writes the table now and then.
  void run(const std::vector<ShelvedFile>& files, const std::stop_token& stop);
  /// Some of the shelf could not be looked through: rows of files that are not seen stay.
  void keep_all_of_before() { keeps_all_ = true; }
  IndexProgress progress() const;
  /// The rows of what was done; after an end before all was, also those of before that were not looked at.
  PlateRows rows() const;

 private:
  void work(const std::vector<ShelvedFile>& files, const std::stop_token& stop);
  void read(const ShelvedFile& file, const std::stop_token& stop);
  void read_remote(const ShelvedFile& file, PlateFile& facts, const std::vector<PlateRow>* known,
                   const std::stop_token& stop);
  void read_local(const ShelvedFile& file, PlateFile& facts, const std::vector<PlateRow>* known);
  void keep(const PlateFile& facts, std::vector<PlateRow> rows, bool is_new, const std::string& shown);
  void fail(const ShelvedFile& file, const std::string& access_url, const vo::Error& error);
  std::string access_url_of(const ShelvedFile& file) const;
  void write_now_and_then();

  vo::Transport& transport_;
  Settings settings_;
  PlateRows known_;
  std::atomic<std::size_t> next_ = 0;
  mutable std::mutex mutex_;
  IndexProgress progress_;
  PlateRows rows_;
  bool is_complete_ = false, keeps_all_ = false;
  std::map<std::string, std::uint64_t> headers_;  ///< of the last file of a folder: so many bytes
  std::chrono::steady_clock::time_point written_at_ = std::chrono::steady_clock::now();
};

}  // namespace platefs::tools
