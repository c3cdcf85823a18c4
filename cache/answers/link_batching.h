// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "vo/base/guarded.h"

namespace platefs::cache {

/// Decides how many neighbours' DataLink documents come along in one request. A plate by itself is asked
/// for by itself: an archive opens a file for each ID. Whoever goes through a table in its order gets more
/// and more ahead. An endpoint that once answered for fewer IDs than it was asked about, such as GAVO's
/// site-wide one, is asked about one at a time from then on. Thread-safe; remembered for the process.
class LinkBatching {
 public:
  static constexpr std::size_t kMost = 32;

  /// How many rows from `row` on to ask for, itself included; `table` tells tables apart.
  std::size_t size_for(const void* table, std::size_t row, const std::string& endpoint);
  void takes_one_only(const std::string& endpoint);
  bool is_single(const std::string& endpoint) const { return state_.lock()->single.contains(endpoint); }

 private:
  struct Run {
    std::size_t end = 0;   ///< first row that has not been asked for
    std::size_t size = 0;  ///< of the last batch
  };
  struct State {
    std::map<std::pair<const void*, std::string>, Run> runs;  ///< of each endpoint: rows of two may take turns
    std::set<std::string> single;
  };
  vo::Guarded<State> state_;
};

}  // namespace platefs::cache
