// SPDX-License-Identifier: BSD-3-Clause
#include "cache/fetch/range_hosts.h"

#include <algorithm>

namespace platefs::cache {
namespace {

constexpr std::size_t kMostHosts = 512;
constexpr double kWeight = 0.5;                        // of a new measurement
constexpr std::uint64_t kWorthMeasuring = 128 * 1024;  // less is over before it has got going

double blended(double old, double measured) { return old + kWeight * (measured - old); }

}  // namespace

HostPath RangeHosts::path_to(const std::string& origin) const {
  const auto paths = paths_.lock();
  const auto known = paths->find(origin);
  return known == paths->end() ? HostPath{} : known->second;
}

/// A table of some hundred hosts: an archive may name any number.
HostPath& RangeHosts::path_in(Paths& paths, const std::string& origin) {
  if (paths.size() >= kMostHosts && !paths.contains(origin)) paths.clear();
  return paths[origin];
}

void RangeHosts::misreads_if_range(const std::string& origin) {
  const auto paths = paths_.lock();
  path_in(*paths, origin).is_if_range_understood = false;
}

void RangeHosts::disappointed(const std::string& origin, RangeWay way) {
  const auto paths = paths_.lock();
  auto& path = path_in(*paths, origin);
  const auto next = way == RangeWay::MultiRange ? RangeWay::SingleRange : RangeWay::WholeFile;
  path.way = std::max(path.way, next);
}

// The quickest head is a round trip without a queue or a new connection before it.
void RangeHosts::learn(const std::string& origin, std::span<const RangeAnswer> answers) {
  std::uint64_t bytes = 0;
  double first_head = 1e9;
  double last_end = 0;
  for (const auto& answer : answers) {
    if (answer.until_head.count() <= 0) continue;
    bytes += answer.body_bytes;
    first_head = std::min(first_head, answer.until_head.count());
    last_end = std::max(last_end, answer.until_end.count());
  }
  if (last_end <= first_head) return;
  const auto paths = paths_.lock();
  auto& path = path_in(*paths, origin);
  path.round_trip_seconds = blended(path.round_trip_seconds, first_head);
  if (bytes < kWorthMeasuring) return;
  path.bytes_per_second = blended(path.bytes_per_second, static_cast<double>(bytes) / (last_end - first_head));
}

}  // namespace platefs::cache
