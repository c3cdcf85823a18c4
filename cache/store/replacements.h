// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

#include "vo/base/guarded.h"

namespace platefs::cache {

/// Which files gave answers of another version than the last lately. An archive replaces a file once; one whose every
/// answer has another ETag or date (nodes of a cluster, mirrors) does so for each part that is asked for, and can only
/// be read from one answer. Outlives the products, which go when nobody looks at them. Thread-safe.
class Replacements {
 public:
  /// Another one, at that second. True: the file is one of those.
  bool note(const std::string& key, std::int64_t now) {
    const auto files = files_.lock();
    if (files->size() >= kMostFiles && !files->contains(key)) files->clear();
    auto& file = (*files)[key];
    file.count = is_recent(file, now) ? file.count + 1 : 1;
    file.latest = now;
    return file.count >= kMany;
  }
  bool are_many(const std::string& key, std::int64_t now) const {
    const auto files = files_.lock();
    const auto found = files->find(key);
    return found != files->end() && found->second.count >= kMany && is_recent(found->second, now);
  }

 private:
  struct File {
    int count = 0;
    std::int64_t latest = 0;  ///< Unix seconds
  };
  static constexpr int kMany = 2;
  static constexpr std::int64_t kRecentSeconds = 600;
  static constexpr std::size_t kMostFiles = 10'000;
  static bool is_recent(const File& file, std::int64_t now) {
    return now >= file.latest && now - file.latest < kRecentSeconds;
  }

  vo::Guarded<std::map<std::string, File>> files_;
};

}  // namespace platefs::cache
