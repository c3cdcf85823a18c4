// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

#include "cache/guarded.h"
#include "cache/read_pattern.h"
#include "cache/stream_tuner.h"

namespace platefs::cache {

/// What all products share when they fetch more than somebody waits for: one budget of bytes under way,
/// and what is known of each host's best number of parallel requests. Thread-safe; never blocks.
class Readahead {
 public:
  /// `most_streams`: requests under way at one host. `budget`: bytes asked for ahead, over all files.
  explicit Readahead(std::size_t most_streams, std::uint64_t budget = kBudget)
      : most_streams_(most_streams == 0 ? 1 : most_streams), budget_(budget) {}

  std::size_t most_streams() const { return most_streams_; }
  std::size_t streams(const std::string& origin) const;
  void note(const std::string& origin, std::uint64_t bytes, std::size_t under_way);

  /// The shortest time, lately, from a request to the first byte of its answer; a guess before the first.
  ReadPattern::Seconds latency(const std::string& origin) const;
  void note_latency(const std::string& origin, ReadPattern::Seconds latency);

  /// False: there is no room for it now.
  [[nodiscard]] bool reserve(std::uint64_t bytes);
  void give_back(std::uint64_t bytes);

  static constexpr std::uint64_t kBudget = 256ull << 20;

 private:
  std::size_t most_streams_;
  Guarded<std::uint64_t> budget_;
  Guarded<std::map<std::string, StreamTuner>> tuners_;
  Guarded<std::map<std::string, ReadPattern::Seconds>> latencies_;
};

}  // namespace platefs::cache
