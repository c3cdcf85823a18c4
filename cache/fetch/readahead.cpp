// SPDX-License-Identifier: BSD-3-Clause
#include "cache/fetch/readahead.h"

#include <algorithm>

namespace platefs::cache {
namespace {

constexpr std::size_t kMostTunedHosts = 1024;

}  // namespace

Readahead::Host& Readahead::host(Hosts& hosts, const std::string& origin) const {
  // Archives name what origins they like. Of those that nobody reads from, what was learned is learned again.
  if (hosts.size() >= kMostTunedHosts && !hosts.contains(origin)) {
    std::erase_if(hosts, [](const auto& entry) { return entry.second.run.use_count() == 1; });
  }
  return hosts.try_emplace(origin, most_streams_).first->second;
}

std::size_t Readahead::streams(const std::string& origin) const { return host(*hosts_.lock(), origin).tuner.streams(); }

void Readahead::note(const std::string& origin, std::uint64_t bytes, std::size_t under_way) {
  const auto now = ConcurrencyTuner::Clock::now();
  host(*hosts_.lock(), origin).tuner.note(bytes, under_way, now);
}

Readahead::Seconds Readahead::latency(const std::string& origin) const { return host(*hosts_.lock(), origin).latency; }

void Readahead::note_latency(const std::string& origin, Seconds latency) {
  constexpr double kForgets = 1.05;  // a way that became longer is believed in time
  const auto hosts = hosts_.lock();
  auto& known = host(*hosts, origin);
  known.latency = known.is_latency_known ? std::min(latency, known.latency * kForgets) : latency;
  known.is_latency_known = true;
}

Readahead::Run Readahead::begin_run(const std::string& origin) { return host(*hosts_.lock(), origin).run; }

AccessPattern::Ahead Readahead::ahead(const std::string& origin) const {
  constexpr double kAlone = 16, kCrowded = 2;
  const auto hosts = hosts_.lock();
  const auto& known = host(*hosts, origin);
  const auto readers = static_cast<double>(std::max<long>(known.run.use_count() - 1, 1));
  const auto of_each_connection = readers / static_cast<double>(most_streams_);
  const auto crowded = of_each_connection > 1 ? kCrowded * of_each_connection : 1;
  return {.latency = known.latency, .round_trips = std::max(kAlone / readers, crowded)};
}

bool Readahead::reserve(std::uint64_t bytes) {
  const auto left = budget_.lock();
  if (*left < bytes) return false;
  *left -= bytes;
  return true;
}

void Readahead::give_back(std::uint64_t bytes) { *budget_.lock() += bytes; }

}  // namespace platefs::cache
