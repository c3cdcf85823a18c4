// SPDX-License-Identifier: BSD-3-Clause
#include "cache/fetch/readahead.h"

#include <gtest/gtest.h>

#include <vector>

namespace platefs::cache {
namespace {

constexpr auto kHost = "http://files.example";

TEST(Readahead, LetsAReaderWhoIsAloneBeFarAhead) {
  Readahead readahead{4};
  const auto run = readahead.begin_run(kHost);
  EXPECT_DOUBLE_EQ(readahead.ahead(kHost).round_trips, 16);
}

TEST(Readahead, LetsReadersWhoAreAsManyAsTheConnectionsBeLittleAhead) {
  Readahead readahead{16};
  std::vector<Readahead::Run> runs;
  for (int i = 0; i < 16; ++i) runs.push_back(readahead.begin_run(kHost));
  EXPECT_DOUBLE_EQ(readahead.ahead(kHost).round_trips, 1);
  runs.resize(2);
  EXPECT_DOUBLE_EQ(readahead.ahead(kHost).round_trips, 8);
  EXPECT_DOUBLE_EQ(readahead.ahead("http://other.example").round_trips, 16);
}

TEST(Readahead, LetsReadersAskForMoreAtOnceWhereConnectionsAreFew) {
  Readahead readahead{4};
  std::vector<Readahead::Run> runs;
  for (int i = 0; i < 16; ++i) runs.push_back(readahead.begin_run(kHost));
  EXPECT_DOUBLE_EQ(readahead.ahead(kHost).round_trips, 8);
}

TEST(Readahead, BelievesTheShortestLatencyAndForgetsItInTime) {
  using std::chrono::milliseconds;
  Readahead readahead{4};
  readahead.note_latency(kHost, milliseconds{80});
  readahead.note_latency(kHost, milliseconds{40});
  EXPECT_EQ(readahead.latency(kHost), milliseconds{40});
  for (int i = 0; i < 20; ++i) readahead.note_latency(kHost, milliseconds{90});
  EXPECT_EQ(readahead.latency(kHost), milliseconds{90});
}

TEST(Readahead, LendsNoMoreThanItsBudget) {
  Readahead readahead{4, 100};
  EXPECT_TRUE(readahead.reserve(60));
  EXPECT_FALSE(readahead.reserve(60));
  readahead.give_back(60);
  EXPECT_TRUE(readahead.reserve(100));
}

}  // namespace
}  // namespace platefs::cache
