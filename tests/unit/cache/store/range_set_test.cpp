// SPDX-License-Identifier: BSD-3-Clause
#include "cache/store/range_set.h"

#include <gtest/gtest.h>

#include <random>
#include <set>

namespace platefs::cache {
namespace {

using vo::ByteRange;

TEST(RangeSet, MergesRangesThatTouchOrOverlap) {
  RangeSet set;
  set.add({10, 20});
  set.add({30, 40});
  set.add({20, 30});
  EXPECT_EQ(set.ranges(), (std::vector<ByteRange>{{10, 40}}));
}

TEST(RangeSet, KeepsApartWhatDoesNotTouch) {
  RangeSet set;
  set.add({30, 40});
  set.add({10, 20});
  EXPECT_EQ(set.ranges(), (std::vector<ByteRange>{{10, 20}, {30, 40}}));
  EXPECT_EQ(set.size(), 20u);
}

TEST(RangeSet, TheFirstGapEndsWhereTheSetGoesOn) {
  RangeSet set{{{0, 10}, {20, 30}}};
  EXPECT_EQ(set.first_gap({0, 100}), (ByteRange{10, 20}));
  EXPECT_EQ(set.first_gap({20, 100}), (ByteRange{30, 100}));
  EXPECT_EQ(set.first_gap({2, 8}), std::nullopt);
}

TEST(RangeSet, AnEmptyRangeIsAlwaysCovered) { EXPECT_TRUE(RangeSet{}.covers({7, 7})); }

TEST(RangeSet, AgreesWithASetOfBytes) {
  std::mt19937 random{20240501};
  for (int round = 0; round < 200; ++round) {
    RangeSet set;
    std::set<std::uint64_t> bytes;
    for (int i = 0; i < 12; ++i) {
      const std::uint64_t first = random() % 60;
      const std::uint64_t end = first + random() % 9;
      set.add({first, end});
      for (auto at = first; at < end; ++at) bytes.insert(at);
    }
    EXPECT_EQ(set.size(), bytes.size());
    for (std::uint64_t first = 0; first < 70; ++first) {
      const ByteRange probe{first, first + 5};
      bool all = true;
      for (auto at = probe.first; at < probe.end; ++at) all = all && bytes.contains(at);
      EXPECT_EQ(set.covers(probe), all);
    }
  }
}

}  // namespace
}  // namespace platefs::cache
