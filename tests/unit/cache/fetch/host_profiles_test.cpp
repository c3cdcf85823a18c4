// SPDX-License-Identifier: BSD-3-Clause
#include "cache/fetch/host_profiles.h"

#include <gtest/gtest.h>

#include <vector>

namespace platefs::cache {
namespace {

constexpr auto kHost = "http://files.example";

TEST(HostProfiles, LetsAReaderWhoIsAloneBeFarAhead) {
  HostProfiles hosts{4};
  const auto run = hosts.begin_run(kHost);
  EXPECT_DOUBLE_EQ(hosts.ahead(kHost).round_trips, 16);
}

TEST(HostProfiles, LetsReadersWhoAreAsManyAsTheConnectionsBeLittleAhead) {
  HostProfiles hosts{16};
  std::vector<HostProfiles::Share> runs;
  for (int i = 0; i < 16; ++i) runs.push_back(hosts.begin_run(kHost));
  EXPECT_DOUBLE_EQ(hosts.ahead(kHost).round_trips, 1);
  runs.resize(2);
  EXPECT_DOUBLE_EQ(hosts.ahead(kHost).round_trips, 8);
  EXPECT_DOUBLE_EQ(hosts.ahead("http://other.example").round_trips, 16);
}

TEST(HostProfiles, LetsReadersAskForMoreAtOnceWhereConnectionsAreFew) {
  HostProfiles hosts{4};
  std::vector<HostProfiles::Share> runs;
  for (int i = 0; i < 16; ++i) runs.push_back(hosts.begin_run(kHost));
  EXPECT_DOUBLE_EQ(hosts.ahead(kHost).round_trips, 8);
}

TEST(HostProfiles, BelievesTheShortestLatencyAndForgetsItInTime) {
  using std::chrono::milliseconds;
  HostProfiles hosts{4};
  hosts.note_latency(kHost, milliseconds{80});
  hosts.note_latency(kHost, milliseconds{40});
  EXPECT_DOUBLE_EQ(hosts.path_to(kHost).round_trip_seconds, 0.04);
  for (int i = 0; i < 20; ++i) hosts.note_latency(kHost, milliseconds{90});
  EXPECT_DOUBLE_EQ(hosts.path_to(kHost).round_trip_seconds, 0.09);
}

/// Sixteen readers on four connections, each with a request that it waits for.
struct Crowd {
  explicit Crowd(HostProfiles& hosts) {
    for (int i = 0; i < 16; ++i) {
      runs.push_back(hosts.begin_run(kHost));
      waits.push_back(hosts.begin_wait(kHost));
    }
  }
  std::vector<HostProfiles::Share> runs, waits;
};

TEST(HostProfiles, IsCrowdedWhereMoreReadersThanConnectionsWait) {
  HostProfiles hosts{4};
  Crowd crowd{hosts};
  EXPECT_TRUE(hosts.is_crowded(kHost));
  EXPECT_FALSE(hosts.is_crowded("http://other.example"));
}

TEST(HostProfiles, IsCrowdedForAMomentAfterTheCrowd) {
  HostProfiles hosts{4};
  { const Crowd crowd{hosts}; }
  EXPECT_TRUE(hosts.is_crowded(kHost));
  EXPECT_FALSE(hosts.is_crowded(kHost, HostProfiles::Clock::now() + std::chrono::seconds{1}));
}

TEST(HostProfiles, IsNotCrowdedWhileAConnectionRests) {
  HostProfiles hosts{4};
  std::vector<HostProfiles::Share> runs, waits;
  for (int i = 0; i < 16; ++i) runs.push_back(hosts.begin_run(kHost));
  for (int i = 0; i < 3; ++i) waits.push_back(hosts.begin_wait(kHost));
  EXPECT_FALSE(hosts.is_crowded(kHost));
}

TEST(HostProfiles, IsNotCrowdedByManyRequestsOfOneReader) {
  HostProfiles hosts{4};
  const auto run = hosts.begin_run(kHost);
  std::vector<HostProfiles::Share> waits;
  for (int i = 0; i < 16; ++i) waits.push_back(hosts.begin_wait(kHost));
  EXPECT_FALSE(hosts.is_crowded(kHost));
}

/// What one request of a crowd is to bring when requests of `bytes` take `seconds`.
double at_once_after(std::uint64_t bytes, double seconds) {
  HostProfiles hosts{4};
  const Crowd crowd{hosts};
  hosts.note_latency(kHost, std::chrono::milliseconds{40});
  for (int i = 0; i < 20; ++i) hosts.learn(kHost, bytes, HostProfiles::Seconds{seconds});
  return hosts.ahead(kHost).at_once;
}

TEST(HostProfiles, LetsTheRequestsOfACrowdGrowUntilTheyTakeSomeRoundTrips) {
  EXPECT_NEAR(at_once_after(500'000, 0.04), 1'500'000, 100) << "the wire rests: three times as much";
  EXPECT_NEAR(at_once_after(500'000, 0.12), 500'000, 100);
  EXPECT_NEAR(at_once_after(500'000, 0.6), 100'000, 100) << "a slow line: no reader is to wait long for the others";
}

TEST(HostProfiles, AsksAServerThatHasNoLimitForMoreRangesAtOnce) {
  HostProfiles hosts{4};
  EXPECT_EQ(hosts.path_to("a").most_ranges, kSafelyManyRanges);
  hosts.note_server("a", "nginx/1.22.1");
  hosts.note_server("b", "Apache/2.4.57");
  EXPECT_EQ(hosts.path_to("a").most_ranges, kMostRanges);
  EXPECT_EQ(hosts.path_to("b").most_ranges, kSafelyManyRanges);
}

TEST(HostProfiles, TriesFewerRangesBeforeItTakesTheServerForOneWithoutMultiRange) {
  HostProfiles hosts{4};
  hosts.note_server("a", "nginx/1.22.1");
  hosts.disappointed("a", RangeWay::MultiRange, 300);
  EXPECT_EQ(hosts.path_to("a").way, RangeWay::MultiRange);
  EXPECT_EQ(hosts.path_to("a").most_ranges, kSafelyManyRanges);
  hosts.note_server("a", "nginx/1.22.1");
  EXPECT_EQ(hosts.path_to("a").most_ranges, kSafelyManyRanges);
  hosts.disappointed("a", RangeWay::MultiRange, 200);
  EXPECT_EQ(hosts.path_to("a").way, RangeWay::SingleRange);
}

TEST(HostProfiles, LendsNoMoreThanItsBudget) {
  HostProfiles hosts{4, 100};
  EXPECT_TRUE(hosts.reserve(60));
  EXPECT_FALSE(hosts.reserve(60));
  hosts.give_back(60);
  EXPECT_TRUE(hosts.reserve(100));
}

}  // namespace
}  // namespace platefs::cache
