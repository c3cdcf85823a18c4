// SPDX-License-Identifier: BSD-3-Clause
#include "cache/answers/link_batching.h"

#include <gtest/gtest.h>

namespace platefs::cache {
namespace {

const int kTable = 0, kOtherTable = 0;

TEST(LinkBatching, APlateByItselfIsAskedForByItself) {
  LinkBatching batches;
  EXPECT_EQ(batches.size_for(&kTable, 7, "http://a/dl"), 1u);
  EXPECT_EQ(batches.size_for(&kTable, 100, "http://a/dl"), 1u);
  EXPECT_EQ(batches.size_for(&kTable, 3, "http://a/dl"), 1u);
}

TEST(LinkBatching, WhoGoesThroughATableGetsMoreAndMoreAhead) {
  LinkBatching batches;
  EXPECT_EQ(batches.size_for(&kTable, 0, "http://a/dl"), 1u);
  EXPECT_EQ(batches.size_for(&kTable, 1, "http://a/dl"), 4u);
  EXPECT_EQ(batches.size_for(&kTable, 5, "http://a/dl"), 16u);
  EXPECT_EQ(batches.size_for(&kTable, 21, "http://a/dl"), LinkBatching::kMost);
  EXPECT_EQ(batches.size_for(&kTable, 53, "http://a/dl"), LinkBatching::kMost);
}

TEST(LinkBatching, TablesAreFollowedApart) {
  LinkBatching batches;
  EXPECT_EQ(batches.size_for(&kTable, 0, "http://a/dl"), 1u);
  EXPECT_EQ(batches.size_for(&kOtherTable, 1, "http://a/dl"), 1u);
}

TEST(LinkBatching, AnEndpointThatTakesOneIdIsAskedForOne) {
  LinkBatching batches;
  batches.takes_one_only("http://a/dl");
  EXPECT_EQ(batches.size_for(&kTable, 0, "http://a/dl"), 1u);
  EXPECT_EQ(batches.size_for(&kTable, 1, "http://a/dl"), 1u);
}

TEST(LinkBatching, FollowsEachOfTwoEndpointsWhoseRowsTakeTurns) {
  LinkBatching batches;
  const int table = 0;
  EXPECT_EQ(batches.size_for(&table, 0, "one"), 1u);
  EXPECT_EQ(batches.size_for(&table, 1, "other"), 1u);
  EXPECT_EQ(batches.size_for(&table, 2, "one"), 4u);
  EXPECT_EQ(batches.size_for(&table, 3, "other"), 4u);
  EXPECT_EQ(batches.size_for(&table, 6, "one"), 16u);
}

}  // namespace
}  // namespace platefs::cache
