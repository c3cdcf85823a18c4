// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <chrono>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "vo/base/guarded.h"

namespace platefs::fs {

/// Texts that were made lately, because every stat needs the size of one and a long one takes a while to
/// make. Those used longest ago go first when all together have more than `most_bytes`; their sizes stay longer.
/// Finding and keeping cost the same however many there are. Thread-safe; makes nothing itself.
class RecentTexts {
 public:
  using Text = std::shared_ptr<const std::string>;
  using Clock = std::chrono::steady_clock;

  explicit RecentTexts(std::size_t most_bytes, std::function<Clock::time_point()> now = Clock::now)
      : most_bytes_(most_bytes), now_(std::move(now)) {}

  /// What was kept under that key and made of `origin`; null when there is none, or it holds no longer.
  Text find(const std::string& key, const std::shared_ptr<const void>& origin);
  /// The size of what find() gives or would give if it were still here.
  std::optional<std::size_t> size_of(const std::string& key, const std::shared_ptr<const void>& origin);
  /// Replaces what is under that key. The origin is told apart from others, and not kept alive.
  void keep(const std::string& key, const std::shared_ptr<const void>& origin, Text text);
  /// The same for `lifetime` only.
  void keep(const std::string& key, const std::shared_ptr<const void>& origin, Text text, Clock::duration lifetime);

  std::size_t bytes() const {
    const auto state = state_.lock();
    return state->text_bytes + state->size_bytes;
  }

 private:
  struct Kept {
    std::string key;
    std::weak_ptr<const void> origin;
    Text text;  ///< null: let go
    std::size_t size = 0;
    Clock::time_point until;
  };
  using Place = std::list<Kept>::iterator;
  struct State {
    std::list<Kept> texts;                               ///< used last first
    std::list<Kept> sizes;                               ///< of texts that were let go, those let go last first
    std::unordered_map<std::string_view, Place> places;  ///< in either; keys are those of the entries
    std::size_t text_bytes = 0, size_bytes = 0;
  };

  static std::size_t overhead_of(const Kept& kept);
  static void drop(State& state, Place kept);
  static void let_go(State& state, Place kept);
  const Place* valid(const State& state, const std::string& key, const std::shared_ptr<const void>& origin) const;
  void add(const std::string& key, const std::shared_ptr<const void>& origin, Text text, Clock::time_point until);

  std::size_t most_bytes_;
  std::function<Clock::time_point()> now_;
  vo::Guarded<State> state_;
};

}  // namespace platefs::fs
