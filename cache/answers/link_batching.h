// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "vo/base/guarded.h"

namespace platefs::cache {

/// Decides which neighbours' DataLink documents come along in one request. A plate by itself is asked for by itself: an
/// archive opens a file for each ID. Whoever goes through a table in its order gets more and more ahead, by blocks
/// whose borders are those of the table, whoever asks: rows 0, 1 to 4, 5 to 20, then 32 at a time. So two clients ask
/// the same URLs, which a cache between them and the archive can answer. An endpoint that once answered for fewer IDs
/// than it was asked about, such as GAVO's site-wide one, is asked about one at a time from then on. Thread-safe;
/// remembered for the process.
class LinkBatching {
 public:
  static constexpr std::size_t kMost = 32;

  struct Rows {
    std::size_t first = 0, end = 0;
    bool operator==(const Rows&) const = default;
  };
  /// The rows to ask for, `row` among them, maybe more than the table has; `table` tells tables apart.
  Rows rows_with(const void* table, std::size_t row, const std::string& endpoint);
  void takes_one_only(const std::string& endpoint);
  bool is_single(const std::string& endpoint) const { return state_.lock()->single.contains(endpoint); }

 private:
  struct State {
    /// The first row that has not been asked for, for each endpoint: rows of two may take turns.
    std::map<std::pair<const void*, std::string>, std::size_t> ends;
    std::set<std::string> single;
  };
  vo::Guarded<State> state_;
};

}  // namespace platefs::cache
