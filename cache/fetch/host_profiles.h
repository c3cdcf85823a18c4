// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "cache/fetch/access_pattern.h"
#include "cache/fetch/concurrency_tuner.h"
#include "cache/fetch/multi_range_plan.h"
#include "cache/fetch/multi_range_request.h"
#include "vo/base/guarded.h"

namespace platefs::cache {

/// What was learned, while this process runs, of each host that files come from: in which way it gives ranges, how long
/// a round trip takes, how fast bytes come, by how many requests they come fastest, how many read from it on and on.
/// And one budget over all of them, of bytes that are asked for ahead of readers. Thread-safe; never blocks.
class HostProfiles {
 public:
  using Clock = AccessPattern::Clock;
  using Seconds = AccessPattern::Seconds;
  static constexpr std::uint64_t kBudget = 256ull << 20;

  /// `connections`: requests that a host may have under way for us. `budget`: bytes asked for ahead, over all files.
  explicit HostProfiles(std::size_t connections, std::uint64_t budget = kBudget)
      : connections_(connections == 0 ? 1 : connections), budget_(budget) {}

  std::size_t connections() const { return connections_; }
  /// A guess before the first answer. The round trip is the shortest time, lately, from a request to its answer.
  HostPath path_to(const std::string& origin) const;

  /// `way` did not work there, with so many ranges in a request: fewer are asked for from now on or, where these were
  /// few, the next way is taken.
  void disappointed(const std::string& origin, RangeWay way, std::size_t ranges = 1);
  /// What answers there, in its own words: servers differ in how many ranges they give at once.
  void note_server(const std::string& origin, std::string_view server);
  /// If-Range is taken for something else there: no longer sent.
  void misreads_if_range(const std::string& origin);
  void note_latency(const std::string& origin, Seconds latency);
  /// Requests that ran side by side have ended.
  void learn(const std::string& origin, std::span<const RangeAnswer> answers);
  /// One request brought `bytes` and took so long, from when it was sent to the end of its answer.
  void learn(const std::string& origin, std::uint64_t bytes, Seconds took);

  /// How many requests to have under way for one long read.
  std::size_t streams(const std::string& origin) const;
  void note(const std::string& origin, std::uint64_t bytes, std::size_t under_way);

  using Share = std::shared_ptr<const void>;
  /// Held by each reader who goes on and on through a file of that host.
  Share begin_run(const std::string& origin);
  /// Held by each request that a reader waits for, whether it was sent or waits for a connection.
  Share begin_wait(const std::string& origin);
  /// Readers are more than connections, and keep all of them busy by what they wait for; or did a moment ago: what the
  /// last of them leave free is no reason to fetch far ahead of these.
  bool is_crowded(const std::string& origin, Clock::time_point now = Clock::now()) const;
  /// How far ahead of a reader to be. One alone gets what keeps several connections busy. Where there are as many
  /// readers as connections their own requests nearly do, and more would be fetched in vain when they stop; where it
  /// is crowded, requests are so large that a connection brings bytes for longer than it rests between two of them.
  AccessPattern::Ahead ahead(const std::string& origin) const;

  /// False: there is no room for it now.
  [[nodiscard]] bool reserve(std::uint64_t bytes);
  void give_back(std::uint64_t bytes) { *budget_.lock() += bytes; }

 private:
  struct Host {
    explicit Host(std::size_t connections) : tuner(connections) {}

    HostPath path;
    bool is_latency_known = false;
    bool is_limit_known = false;  ///< of ranges in a request: more were refused
    double request_rate = 5e6;    ///< bytes per second of one request, its round trip counted in; at first a guess
    ConcurrencyTuner tuner;
    Clock::time_point crowded_until{};
    Share run = std::make_shared<int>(),
          wait = std::make_shared<int>();  ///< other owners are the readers, the requests
  };
  using Hosts = std::map<std::string, Host>;
  Host& host(Hosts& hosts, const std::string& origin) const;
  static void note_latency(Host& host, Seconds latency);
  void note_crowd(Host& host) const;

  std::size_t connections_;
  vo::Guarded<std::uint64_t> budget_;
  mutable vo::Guarded<Hosts> hosts_;
};

}  // namespace platefs::cache
