// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "vo/base/guarded.h"

namespace platefs::cache {

/// What was made of answers, of all archives and of every kind: those used last, up to a number of bytes. What
/// somebody looks at stays alive beside it. Thread-safe; asks nobody. AnswerCache gives it types.
class AnswerMemory {
 public:
  struct Kept {
    std::shared_ptr<const void> value;
    std::int64_t fetched_at = 0, expires_at = 0;  ///< Unix seconds, as its document's
    std::uint64_t bytes = 0;
  };

  explicit AnswerMemory(std::uint64_t most_bytes) : most_bytes_(most_bytes) {}

  std::optional<Kept> find(std::string_view key);
  /// In place of what is there under that key. The latest stays, however large it is.
  void keep(const std::string& key, Kept kept);
  void drop(std::string_view key);
  std::uint64_t bytes() const { return state_.lock()->bytes; }

 private:
  struct Entry {
    std::string key;
    Kept kept;
  };
  struct State {
    std::list<Entry> entries;                                                 ///< used last first
    std::unordered_map<std::string_view, std::list<Entry>::iterator> by_key;  ///< keys are those of the entries
    std::uint64_t bytes = 0;
  };
  static std::list<Entry> taken(State& state, std::list<Entry>::iterator entry);

  std::uint64_t most_bytes_;
  vo::Guarded<State> state_;
};

}  // namespace platefs::cache
