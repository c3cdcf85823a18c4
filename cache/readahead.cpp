// SPDX-License-Identifier: BSD-3-Clause
#include "cache/readahead.h"

#include <algorithm>

namespace platefs::cache {

std::size_t Readahead::streams(const std::string& origin) const {
  const auto tuners = tuners_.lock();
  const auto found = tuners->find(origin);
  return found == tuners->end() ? StreamTuner(most_streams_).streams() : found->second.streams();
}

void Readahead::note(const std::string& origin, std::uint64_t bytes, std::size_t under_way) {
  const auto now = StreamTuner::Clock::now();
  tuners_.lock()->try_emplace(origin, most_streams_).first->second.note(bytes, under_way, now);
}

ReadPattern::Seconds Readahead::latency(const std::string& origin) const {
  constexpr ReadPattern::Seconds kGuess{0.05};
  const auto latencies = latencies_.lock();
  const auto found = latencies->find(origin);
  return found == latencies->end() ? kGuess : found->second;
}

void Readahead::note_latency(const std::string& origin, ReadPattern::Seconds latency) {
  constexpr double kForgets = 1.05;                    // a way that became longer is believed in time
  const auto latencies = latencies_.lock();
  const auto known = latencies->try_emplace(origin, latency).first;
  known->second = std::min(latency, known->second * kForgets);
}

bool Readahead::reserve(std::uint64_t bytes) {
  const auto left = budget_.lock();
  if (*left < bytes) return false;
  *left -= bytes;
  return true;
}

void Readahead::give_back(std::uint64_t bytes) { *budget_.lock() += bytes; }

}  // namespace platefs::cache
