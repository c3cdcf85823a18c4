// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "vo/base/completion.h"
#include "vo/base/guarded.h"

namespace platefs::vo {

/// One answer for all who ask the same question while it is being asked. T is copyable and cheap to
/// copy (a shared_ptr). Thread-safe; completions are called without a lock held.
template <typename T>
class SingleFlight {
 public:
  /// True: the caller is the first and has to bring the answer. False: somebody is at it already.
  [[nodiscard]] bool join(const std::string& question, Completion<T> done) {
    auto waiting = waiting_.lock();
    auto [place, is_first] = waiting->try_emplace(question);
    place->second.push_back(std::move(done));
    return is_first;
  }

  /// Forgets the question if all who joined left no completion: true then.
  bool drop_if_unwanted(const std::string& question) {
    auto waiting = waiting_.lock();
    const auto found = waiting->find(question);
    if (found == waiting->end()) return true;
    for (const auto& done : found->second) {
      if (done) return false;
    }
    waiting->erase(found);
    return true;
  }

  /// Somebody who joined waits for the answer.
  bool is_wanted(const std::string& question) const {
    auto waiting = waiting_.lock();
    const auto found = waiting->find(question);
    if (found == waiting->end()) return false;
    for (const auto& done : found->second) {
      if (done) return true;
    }
    return false;
  }

  void answer(const std::string& question, const Outcome<T>& outcome) {
    std::vector<Completion<T>> told;
    {
      auto waiting = waiting_.lock();
      if (auto node = waiting->extract(question)) told = std::move(node.mapped());
    }
    for (auto& done : told) done(outcome);
  }

 private:
  Guarded<std::map<std::string, std::vector<Completion<T>>>> waiting_;
};

}  // namespace platefs::vo
