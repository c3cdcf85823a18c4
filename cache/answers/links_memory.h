// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>

#include "cache/answers/answers.h"
#include "vo/base/guarded.h"

namespace platefs::cache {

/// What was read from DataLink documents, the latest of it: a document may have 16 MiB, a target
/// thousands of plates. Thread-safe.
class LinksMemory {
 public:
  using Links = std::shared_ptr<const LinksAnswer>;

  explicit LinksMemory(std::uint64_t most_bytes = 64ull << 20) : most_bytes_(most_bytes) {}

  Links find(const std::string& key) const;
  void keep(const std::string& key, Links links);

 private:
  struct State {
    std::map<std::string, Links> links;
    std::deque<std::string> order;  ///< oldest first
    std::uint64_t bytes = 0;
  };
  void drop_oldest(State& state) const;

  std::uint64_t most_bytes_;
  mutable vo::Guarded<State> state_;
};

}  // namespace platefs::cache
