// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "vo/http/message.h"

namespace platefs::vo {

/// Which requests of one host are under way and which wait. At most `limit` are under way; of those
/// the last place is kept free of prefetching, so that a reader never waits for a whole plate that
/// nobody asked for. Waiting ones go by priority, then by id: ids grow with time, so a request that
/// comes back for another attempt has its old place. Not thread-safe.
class HostQueue {
 public:
  using Id = std::uint64_t;

  explicit HostQueue(std::size_t limit) : limit_(limit == 0 ? 1 : limit) {}

  void add(Id id, http::Priority priority) { waiting_.insert({priority, id}); }
  /// The request to start now, counted as under way from here on; nothing: none may start.
  std::optional<Id> next();
  /// The same, of those for which `is_preferred` where there is one.
  std::optional<Id> next(const std::function<bool(Id)>& is_preferred);
  /// The first that `may_start`; nothing: none may.
  std::optional<Id> next_that(const std::function<bool(Id)>& may_start);
  bool has_next() const;
  /// Ended, or wanted no more; whether it waits or is under way. Unknown ids are ignored.
  void remove(Id id);
  /// Takes all that wait out of the queue, in their order.
  std::vector<Id> take_waiting();

  std::size_t limit() const { return limit_; }
  std::size_t waiting() const { return waiting_.size(); }
  std::size_t under_way() const { return under_way_.size(); }

 private:
  std::size_t places_for(http::Priority priority) const;
  using Waiting = std::set<std::pair<http::Priority, Id>>;
  Id start(Waiting::iterator which);

  std::size_t limit_;
  Waiting waiting_;
  std::set<Id> under_way_;
};

}  // namespace platefs::vo
