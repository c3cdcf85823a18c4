// SPDX-License-Identifier: BSD-3-Clause
#include "cache/fetch/host_profiles.h"

#include <algorithm>

namespace platefs::cache {
namespace {

constexpr std::size_t kMostHosts = 1024;
constexpr double kWeight = 0.5;                        // of a new measurement
constexpr std::uint64_t kWorthMeasuring = 128 * 1024;  // less is over before it has got going

double blended(double old, double measured) { return old + kWeight * (measured - old); }

std::size_t others_of(const HostProfiles::Share& share) {
  return static_cast<std::size_t>(std::max<long>(share.use_count() - 1, 0));
}

}  // namespace

HostProfiles::Host& HostProfiles::host(Hosts& hosts, const std::string& origin) const {
  // Archives name what origins they like. Of those that nobody reads from, what was learned is learned again.
  if (hosts.size() >= kMostHosts && !hosts.contains(origin)) {
    std::erase_if(hosts,
                  [](const auto& each) { return others_of(each.second.run) == 0 && others_of(each.second.wait) == 0; });
  }
  return hosts.try_emplace(origin, connections_).first->second;
}

HostPath HostProfiles::path_to(const std::string& origin) const { return host(*hosts_.lock(), origin).path; }

void HostProfiles::note_server(const std::string& origin, std::string_view server) {
  if (!server.starts_with("nginx")) return;
  const auto hosts = hosts_.lock();
  auto& known = host(*hosts, origin);
  if (!known.is_limit_known) known.path.most_ranges = kMostRanges;
}

void HostProfiles::disappointed(const std::string& origin, RangeWay way, std::size_t ranges) {
  const auto hosts = hosts_.lock();
  auto& known = host(*hosts, origin);
  auto& path = known.path;
  if (way == RangeWay::MultiRange && ranges > kSafelyManyRanges) {
    known.is_limit_known = true;
    path.most_ranges = kSafelyManyRanges;
    return;
  }
  const auto next = way == RangeWay::MultiRange ? RangeWay::SingleRange : RangeWay::WholeFile;
  path.way = std::max(path.way, next);
}

void HostProfiles::misreads_if_range(const std::string& origin) {
  host(*hosts_.lock(), origin).path.is_if_range_understood = false;
}

void HostProfiles::note_latency(Host& host, Seconds latency) {
  constexpr double kForgets = 1.05;  // a way that became longer is believed in time
  auto& known = host.path.round_trip_seconds;
  known = host.is_latency_known ? std::min(latency.count(), known * kForgets) : latency.count();
  host.is_latency_known = true;
}

void HostProfiles::note_latency(const std::string& origin, Seconds latency) {
  const auto hosts = hosts_.lock();
  note_latency(host(*hosts, origin), latency);
}

// The quickest head is a round trip without a queue or a new connection before it.
void HostProfiles::learn(const std::string& origin, std::span<const RangeAnswer> answers) {
  std::uint64_t bytes = 0;
  Seconds first_head{1e9}, last_end{0};
  for (const auto& answer : answers) {
    if (answer.until_head.count() <= 0) continue;
    bytes += answer.body_bytes;
    first_head = std::min(first_head, answer.until_head);
    last_end = std::max(last_end, answer.until_end);
  }
  if (last_end <= first_head) return;
  const auto hosts = hosts_.lock();
  auto& known = host(*hosts, origin);
  note_latency(known, first_head);
  if (bytes < kWorthMeasuring) return;
  const auto rate = static_cast<double>(bytes) / (last_end - first_head).count();
  known.path.bytes_per_second = blended(known.path.bytes_per_second, rate);
}

void HostProfiles::learn(const std::string& origin, std::uint64_t bytes, Seconds took) {
  const auto hosts = hosts_.lock();
  auto& known = host(*hosts, origin);
  note_crowd(known);
  if (bytes < kWorthMeasuring) return;
  known.request_rate = blended(known.request_rate, static_cast<double>(bytes) / std::max(took.count(), 1e-6));
}

std::size_t HostProfiles::streams(const std::string& origin) const {
  return host(*hosts_.lock(), origin).tuner.streams();
}

void HostProfiles::note(const std::string& origin, std::uint64_t bytes, std::size_t under_way) {
  const auto now = ConcurrencyTuner::Clock::now();
  host(*hosts_.lock(), origin).tuner.note(bytes, under_way, now);
}

HostProfiles::Share HostProfiles::begin_run(const std::string& origin) { return host(*hosts_.lock(), origin).run; }

HostProfiles::Share HostProfiles::begin_wait(const std::string& origin) {
  const auto hosts = hosts_.lock();
  auto& known = host(*hosts, origin);
  auto wait = known.wait;
  note_crowd(known);
  return wait;
}

void HostProfiles::note_crowd(Host& host) const {
  constexpr std::chrono::milliseconds kAMoment{500};
  const bool is_crowd = others_of(host.run) > connections_ && others_of(host.wait) >= connections_;
  if (is_crowd) host.crowded_until = Clock::now() + kAMoment;
}

bool HostProfiles::is_crowded(const std::string& origin, Clock::time_point now) const {
  return now < host(*hosts_.lock(), origin).crowded_until;
}

AccessPattern::Ahead HostProfiles::ahead(const std::string& origin) const {
  constexpr double kAlone = 16, kInTurn = 2;
  /// A request that long takes three round trips, or, while connections rest, is three times as long as the last.
  constexpr double kOfARequest = 3;
  const auto hosts = hosts_.lock();
  const auto& known = host(*hosts, origin);
  const auto readers = static_cast<double>(std::max<std::size_t>(others_of(known.run), 1));
  const auto of_each_connection = readers / static_cast<double>(connections_);
  const auto in_turn = of_each_connection > 1 ? kInTurn * of_each_connection : 1;
  const auto round_trip = known.path.round_trip_seconds;
  return {.latency = Seconds{round_trip},
          .round_trips = std::max(kAlone / readers, in_turn),
          .at_once = Clock::now() < known.crowded_until ? kOfARequest * round_trip * known.request_rate : 0};
}

bool HostProfiles::reserve(std::uint64_t bytes) {
  const auto left = budget_.lock();
  if (*left < bytes) return false;
  *left -= bytes;
  return true;
}

}  // namespace platefs::cache
