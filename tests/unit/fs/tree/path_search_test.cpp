// SPDX-License-Identifier: BSD-3-Clause
#include "fs/tree/path_search.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/mounted_tree.h"

namespace platefs::fs {
namespace {

using testing::ElementsAre;

constexpr auto kPlace = "156.011+48.148";
constexpr auto kPlateName = "1890-05-17_i00811";

class PathSearchTest : public testing::Test, protected test::MountedTree {
 protected:
  FoundPath search(std::vector<std::string> names) {
    vo::Outcome<FoundPath> told{FoundPath{}};
    find_path(tree, std::move(names), [&](vo::Outcome<FoundPath> found) { told = std::move(found); });
    return std::move(told).value();
  }
};

TEST_F(PathSearchTest, FindsWhatNobodyListed) {
  EXPECT_EQ(search({}).node->kind, NodeKind::Root);
  EXPECT_EQ(search({kPlace}).node->kind, NodeKind::Target);
  const auto file = search({kPlace, kPlateName, "cutout.fits"});
  ASSERT_TRUE(file.node);
  EXPECT_EQ(file.node->product_kind, cache::ProductKind::Cutout);
  EXPECT_FALSE(file.has_links);
  EXPECT_THAT(file.names, ElementsAre(kPlace, kPlateName, "cutout.fits"));
}

TEST_F(PathSearchTest, FindsNothingBelowAFileOrWhereThereIsNoSuchName) {
  EXPECT_FALSE(search({"nonsense"}).node);
  EXPECT_FALSE(search({kPlace, "1890-05-17_none"}).node);
  EXPECT_FALSE(search({"README.txt", "x"}).node);
}

TEST_F(PathSearchTest, GoesThroughLinks) {
  const auto plate = search({kPlace, "by-decade", "1890s", kPlateName});
  ASSERT_TRUE(plate.node);
  EXPECT_EQ(plate.node->kind, NodeKind::Plate);
  EXPECT_TRUE(plate.has_links);
  EXPECT_THAT(plate.names, ElementsAre(kPlace, kPlateName));
  const auto file = search({kPlace, "by-decade", "1890s", kPlateName, "cutout.fits"});
  ASSERT_TRUE(file.node);
  EXPECT_THAT(file.names, ElementsAre(kPlace, kPlateName, "cutout.fits"));
}

TEST_F(PathSearchTest, NeverLeavesTheTree) { EXPECT_EQ(search({"..", "..", kPlace}).node->kind, NodeKind::Target); }

TEST_F(PathSearchTest, TellsWhyAQuestionFailed) {
  library.plates = nullptr;
  try {
    search({kPlace, "plates.vot"});
    FAIL() << "the archive refuses";
  } catch (const vo::Error& error) {
    EXPECT_EQ(error.kind(), vo::ErrorKind::Refused);
  }
}

}  // namespace
}  // namespace platefs::fs
