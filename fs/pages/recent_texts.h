// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <chrono>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "vo/base/guarded.h"

namespace platefs::fs {

/// Texts that were made lately, because every stat needs the size of one and a long one takes a while to
/// make. Those used longest ago go first when all together have more than `most_bytes`. Finding and keeping
/// cost the same however many there are. Thread-safe; makes nothing itself.
class RecentTexts {
 public:
  using Text = std::shared_ptr<const std::string>;
  using Clock = std::chrono::steady_clock;

  explicit RecentTexts(std::size_t most_bytes, std::function<Clock::time_point()> now = Clock::now)
      : most_bytes_(most_bytes), now_(std::move(now)) {}

  /// What was kept under that key and made of `origin`; null when there is none, or it holds no longer.
  Text find(const std::string& key, const std::shared_ptr<const void>& origin);
  /// Replaces what is under that key. The origin is told apart from others, and not kept alive.
  void keep(const std::string& key, const std::shared_ptr<const void>& origin, Text text);
  /// The same for `lifetime` only.
  void keep(const std::string& key, const std::shared_ptr<const void>& origin, Text text, Clock::duration lifetime);

  std::size_t bytes() const { return state_.lock()->bytes; }

 private:
  struct Kept {
    std::string key;
    std::weak_ptr<const void> origin;
    Text text;
    Clock::time_point until;
  };
  struct State {
    std::list<Kept> texts;                                                   ///< latest used first
    std::unordered_map<std::string_view, std::list<Kept>::iterator> places;  ///< keys are those of the texts
    std::size_t bytes = 0;
  };

  static std::size_t cost_of(const Kept& kept);
  static void drop(State& state, std::list<Kept>::iterator kept);
  void add(Kept kept);

  std::size_t most_bytes_;
  std::function<Clock::time_point()> now_;
  vo::Guarded<State> state_;
};

}  // namespace platefs::fs
