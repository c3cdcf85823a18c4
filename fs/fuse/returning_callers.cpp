// SPDX-License-Identifier: BSD-3-Clause
#include "fs/fuse/returning_callers.h"

#include <utility>

namespace platefs::fs {

std::optional<std::uint64_t> ReturningCallers::expect(pid_t thread, std::uint64_t inode, OpenContent content) {
  const auto callers = callers_.lock();
  const auto number = ++callers->last_number;
  const bool is_new = callers->by_thread.try_emplace(thread, Return{inode, std::move(content), false, number}).second;
  if (!is_new) return std::nullopt;
  expected_ = callers->by_thread.size();
  return number;
}

void ReturningCallers::note_attributes(pid_t thread, std::uint64_t inode) {
  if (expected_ == 0) return;
  const auto callers = callers_.lock();
  const auto found = callers->by_thread.find(thread);
  if (found != callers->by_thread.end() && found->second.inode == inode) found->second.has_looked_up = true;
}

std::optional<ReturningCallers::Return> ReturningCallers::extract(Callers& callers,
                                                                  std::map<pid_t, Return>::iterator at) {
  std::optional<Return> found{std::move(at->second)};
  callers.by_thread.erase(at);
  expected_ = callers.by_thread.size();
  return found;
}

std::optional<ReturningCallers::Return> ReturningCallers::take(pid_t thread) {
  if (expected_ == 0) return std::nullopt;
  const auto callers = callers_.lock();
  const auto found = callers->by_thread.find(thread);
  if (found == callers->by_thread.end()) return std::nullopt;
  return extract(*callers, found);
}

std::optional<ReturningCallers::Return> ReturningCallers::give_up(pid_t thread, std::uint64_t number) {
  const auto callers = callers_.lock();
  const auto found = callers->by_thread.find(thread);
  if (found == callers->by_thread.end() || found->second.number != number) return std::nullopt;
  return extract(*callers, found);
}

}  // namespace platefs::fs
