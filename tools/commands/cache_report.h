// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "tools/commands/cached_files.h"

namespace platefs::tools {

/// What `platefs cache` prints, for people or as JSON.
std::string status_report(const cache::Store& store, const std::vector<CachedFile>& files,
                          const std::filesystem::path& directory, bool as_json);
std::string files_report(const std::vector<CachedFile>& files, bool as_json);
/// Targets that were asked for, one in a line.
std::string targets_report(const cache::Store& store, bool as_json);

struct KeptFile {
  CachedFile file;
  std::string why;
};
std::string change_report(const std::string& done, const std::vector<CachedFile>& changed,
                          const std::vector<KeptFile>& kept, bool as_json);

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
