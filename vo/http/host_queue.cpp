// SPDX-License-Identifier: BSD-3-Clause
#include "vo/http/host_queue.h"

#include <algorithm>

namespace platefs::vo {

std::size_t HostQueue::places_for(http::Priority priority) const {
  return priority == http::Priority::Prefetch && limit_ > 1 ? limit_ - 1 : limit_;
}

bool HostQueue::has_next() const {
  return !waiting_.empty() && under_way_.size() < places_for(waiting_.begin()->first);
}

std::optional<HostQueue::Id> HostQueue::next() {
  return next([](Id) { return true; });
}

std::optional<HostQueue::Id> HostQueue::next(const std::function<bool(Id)>& is_preferred) {
  if (!has_next()) return std::nullopt;
  const auto found = std::ranges::find_if(waiting_, [&](const auto& each) { return is_preferred(each.second); });
  return start(found == waiting_.end() ? waiting_.begin() : found);
}

std::optional<HostQueue::Id> HostQueue::next_that(const std::function<bool(Id)>& may_start) {
  if (!has_next()) return std::nullopt;
  const auto found = std::ranges::find_if(waiting_, [&](const auto& each) { return may_start(each.second); });
  if (found == waiting_.end() || under_way_.size() >= places_for(found->first)) return std::nullopt;
  return start(found);
}

HostQueue::Id HostQueue::start(Waiting::iterator which) {
  const auto id = which->second;
  waiting_.erase(which);
  under_way_.insert(id);
  return id;
}

void HostQueue::remove(Id id) {
  if (under_way_.erase(id) > 0) return;
  using enum http::Priority;
  for (const auto priority : {Reader, Readahead, Prefetch}) waiting_.erase({priority, id});
}

std::vector<HostQueue::Id> HostQueue::take_waiting() {
  std::vector<Id> ids;
  for (const auto& [priority, id] : waiting_) ids.push_back(id);
  waiting_.clear();
  return ids;
}

}  // namespace platefs::vo
