// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "cache/fetch/access_pattern.h"
#include "cache/fetch/concurrency_tuner.h"
#include "vo/base/guarded.h"

namespace platefs::cache {

/// What all products share when they fetch more than somebody waits for: one budget of bytes under
/// way, and what is known of each host: its best number of parallel requests, how long it takes to
/// answer, how many read from it on and on. Thread-safe; never blocks.
class Readahead {
 public:
  using Seconds = AccessPattern::Seconds;

  /// `most_streams`: requests under way at one host. `budget`: bytes asked for ahead, over all
  /// files.
  explicit Readahead(std::size_t most_streams, std::uint64_t budget = kBudget)
      : most_streams_(most_streams == 0 ? 1 : most_streams), budget_(budget) {}

  std::size_t most_streams() const { return most_streams_; }
  std::size_t streams(const std::string& origin) const;
  void note(const std::string& origin, std::uint64_t bytes, std::size_t under_way);

  /// The shortest time, lately, from a request to the first byte of its answer; a guess before the
  /// first.
  Seconds latency(const std::string& origin) const;
  void note_latency(const std::string& origin, Seconds latency);

  /// Held by each reader who goes on and on through a file of that host.
  using Run = std::shared_ptr<const void>;
  Run begin_run(const std::string& origin);
  /// How far ahead of such a reader to be. One alone gets what keeps several connections busy.
  /// Where there are as many readers as connections their own requests nearly do, and more would be
  /// fetched in vain when they stop; where there are more readers than that, requests have to be
  /// larger to make up for the round trips in which a connection rests.
  AccessPattern::Ahead ahead(const std::string& origin) const;

  /// False: there is no room for it now.
  [[nodiscard]] bool reserve(std::uint64_t bytes);
  void give_back(std::uint64_t bytes);

  static constexpr std::uint64_t kBudget = 256ull << 20;

 private:
  struct Host {
    explicit Host(std::size_t most_streams) : tuner(most_streams) {}

    ConcurrencyTuner tuner;
    Seconds latency{0.05};  ///< a guess
    bool is_latency_known = false;
    Run run = std::make_shared<int>();  ///< its other owners are the readers
  };
  using Hosts = std::map<std::string, Host>;
  Host& host(Hosts& hosts, const std::string& origin) const;

  std::size_t most_streams_;
  vo::Guarded<std::uint64_t> budget_;
  mutable vo::Guarded<Hosts> hosts_;
};

}  // namespace platefs::cache
