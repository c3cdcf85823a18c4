// SPDX-License-Identifier: BSD-3-Clause
#include "cache/answers/link_batching.h"

#include <gtest/gtest.h>

namespace platefs::cache {
namespace {

const int kTable = 0, kOtherTable = 0;

using Rows = LinkBatching::Rows;

TEST(LinkBatching, APlateByItselfIsAskedForByItself) {
  LinkBatching batches;
  EXPECT_EQ(batches.rows_with(&kTable, 7, "http://a/dl"), (Rows{7, 8}));
  EXPECT_EQ(batches.rows_with(&kTable, 100, "http://a/dl"), (Rows{100, 101}));
  EXPECT_EQ(batches.rows_with(&kTable, 3, "http://a/dl"), (Rows{3, 4}));
}

TEST(LinkBatching, WhoGoesThroughATableGetsMoreAndMoreAhead) {
  LinkBatching batches;
  EXPECT_EQ(batches.rows_with(&kTable, 0, "http://a/dl"), (Rows{0, 1}));
  EXPECT_EQ(batches.rows_with(&kTable, 1, "http://a/dl"), (Rows{1, 5}));
  EXPECT_EQ(batches.rows_with(&kTable, 5, "http://a/dl"), (Rows{5, 21}));
  EXPECT_EQ(batches.rows_with(&kTable, 21, "http://a/dl"), (Rows{21, 53}));
  EXPECT_EQ(batches.rows_with(&kTable, 53, "http://a/dl"), (Rows{53, 85}));
}

TEST(LinkBatching, BordersAreThoseOfTheTableWhereverOneBegins) {
  for (const std::size_t begin : {22, 30, 51}) {
    LinkBatching batches;
    EXPECT_EQ(batches.rows_with(&kTable, begin, "http://a/dl"), (Rows{begin, begin + 1}));
    EXPECT_EQ(batches.rows_with(&kTable, begin + 1, "http://a/dl"), (Rows{21, 53}));
    EXPECT_EQ(batches.rows_with(&kTable, 53, "http://a/dl"), (Rows{53, 85}));
  }
}

TEST(LinkBatching, TablesAreFollowedApart) {
  LinkBatching batches;
  EXPECT_EQ(batches.rows_with(&kTable, 0, "http://a/dl"), (Rows{0, 1}));
  EXPECT_EQ(batches.rows_with(&kOtherTable, 1, "http://a/dl"), (Rows{1, 2}));
}

TEST(LinkBatching, AnEndpointThatTakesOneIdIsAskedForOne) {
  LinkBatching batches;
  batches.takes_one_only("http://a/dl");
  EXPECT_EQ(batches.rows_with(&kTable, 0, "http://a/dl"), (Rows{0, 1}));
  EXPECT_EQ(batches.rows_with(&kTable, 1, "http://a/dl"), (Rows{1, 2}));
}

TEST(LinkBatching, FollowsEachOfTwoEndpointsWhoseRowsTakeTurns) {
  LinkBatching batches;
  EXPECT_EQ(batches.rows_with(&kTable, 0, "one"), (Rows{0, 1}));
  EXPECT_EQ(batches.rows_with(&kTable, 1, "other"), (Rows{1, 2}));
  EXPECT_EQ(batches.rows_with(&kTable, 2, "one"), (Rows{1, 5}));
  EXPECT_EQ(batches.rows_with(&kTable, 3, "other"), (Rows{1, 5}));
  EXPECT_EQ(batches.rows_with(&kTable, 6, "one"), (Rows{5, 21}));
}

}  // namespace
}  // namespace platefs::cache
