// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "tools/cli/reporting.h"
#include "tools/commands/cached_files.h"

namespace platefs::tools {

/// What `platefs cache` prints, for people or as JSON. What has a line for each file is written while it is made,
/// however many there are; false (told on stderr) when that fails.
std::string status_report(const cache::Store& store, const std::filesystem::path& directory, bool as_json);
bool write_files(const cache::Store& store, const std::vector<cache::ObjectId>& files, bool as_json);
/// Targets that were asked for, one in a line.
std::string targets_report(const cache::Store& store, bool as_json);

/// What was done to files. As JSON each is written when it is told.
class ChangeReport {
 public:
  /// `done`: "evicted".
  ChangeReport(std::string done, bool as_json);
  void add(const cache::ObjectInfo& changed);
  void keep(const cache::ObjectInfo& kept, const std::string& why);
  bool has_kept() const { return !kept_.empty(); }
  bool finish();

 private:
  struct Kept {
    CachedFile file;
    std::string why;
  };
  void write(const std::string& text) { is_written_ = is_written_ && write_out(text); }

  std::string done_;
  bool as_json_, is_written_ = true;
  std::uint64_t files_ = 0, bytes_ = 0;
  std::vector<Kept> kept_;
};

class VerifyReport {
 public:
  void add(const CachedFile& file, cache::Store::Verified found);
  /// What lay in the cache's folders and belonged to nothing is removed.
  void add_orphans(std::uint64_t bytes) { orphaned_bytes_ += bytes; }
  bool all_good() const { return bad_.empty(); }
  std::string text(bool as_json) const;

 private:
  struct Bad {
    CachedFile file;
    std::uint64_t bytes;
  };
  std::uint64_t files_ = 0, good_bytes_ = 0, bad_bytes_ = 0, orphaned_bytes_ = 0;
  std::vector<Bad> bad_;
};

}  // namespace platefs::tools
