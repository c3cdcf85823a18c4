// SPDX-License-Identifier: BSD-3-Clause
#include "fs/pages/attributes.h"

#include "tests/support/mounted_tree.h"

namespace platefs::fs {
namespace {

constexpr auto kTarget = "156.011+48.148";
constexpr auto kPlate = "1890-05-17_i00811";
constexpr std::int64_t kObserved = -2512728000;  // 1890-05-17T12:00:00

class AttributesTest : public testing::Test, protected test::MountedTree {
 protected:
  Attributes of(const std::vector<std::string>& path) { return attributes.of(at(path), 7); }
};

TEST_F(AttributesTest, AreReadOnlyAndOfWhoMounted) {
  const auto directory = of({kTarget}).stat, file = of({kTarget, kPlate, "full.fits"}).stat;
  EXPECT_EQ(directory.st_mode, static_cast<mode_t>(S_IFDIR | 0555));
  EXPECT_EQ(file.st_mode, static_cast<mode_t>(S_IFREG | 0444));
  EXPECT_EQ(file.st_uid, 1000U);
  EXPECT_EQ(file.st_gid, 100U);
  EXPECT_EQ(file.st_ino, 7U);
}

TEST_F(AttributesTest, ShowAPositiveEstimateThatTheKernelMayNotKeep) {
  const auto estimated = of({kTarget, kPlate, "cutout.fits"});
  EXPECT_EQ(estimated.stat.st_size, 5760);
  EXPECT_EQ(estimated.attribute_timeout, 0);
  product->known.estimate = 0;
  EXPECT_GT(of({kTarget, kPlate, "cutout.fits"}).stat.st_size, 0);
}

TEST_F(AttributesTest, ShowTheExactSizeOnceItIsKnown) {
  product->known.size = 1276683840;
  product->known.held_bytes = 1025;
  const auto exact = of({kTarget, kPlate, "full.fits"});
  EXPECT_EQ(exact.stat.st_size, 1276683840);
  EXPECT_EQ(exact.stat.st_blocks, 3);
  EXPECT_GT(exact.attribute_timeout, 0);
}

TEST_F(AttributesTest, CountTheSecondNamesOfCutoutsAndPreviews) {
  EXPECT_EQ(of({kTarget, kPlate, "cutout.fits"}).stat.st_nlink, 2U);
  EXPECT_EQ(of({kTarget, kPlate, "preview.jpg"}).stat.st_nlink, 2U);
  EXPECT_EQ(of({kTarget, kPlate, "full.fits"}).stat.st_nlink, 1U);
}

TEST_F(AttributesTest, ShowTheObservationAsTheTimeOfTheFile) {
  product->known.fetched_at = 1'700'000'000;
  EXPECT_EQ(of({kTarget, kPlate, "full.fits"}).stat.st_mtim.tv_sec, kObserved);
  EXPECT_EQ(of({kTarget, kPlate}).stat.st_mtim.tv_sec, kObserved);
}

TEST_F(AttributesTest, ShowTheTimeOfFetchingWhereThatIsWanted) {
  auto owner = ownership();
  owner.mtime_is_fetch_time = true;
  product->known.fetched_at = 1'700'000'000;
  const AttributePolicy by_fetching{documents, owner};
  EXPECT_EQ(by_fetching.of(at({kTarget, kPlate, "full.fits"}), 7).stat.st_mtim.tv_sec, 1'700'000'000);
}

TEST_F(AttributesTest, ShowATimeEvenWhereTheDateIsAMistake) {
  library.plates->archives = {test::archive_answer("a", {test::dated_plate("ivo://a/x", 1e300)})};
  const auto names = names_in(at({kTarget}));
  const auto time = of({kTarget, names.at(0)}).stat.st_mtim.tv_sec;
  EXPECT_GT(time, 0);
  EXPECT_LT(time, 1'000'000'000'000);
}

TEST_F(AttributesTest, ShowTheSizeOfADocumentToTheByte) {
  for (const auto* name : {"plates.vot", "plates.csv"}) {
    const auto node = at({kTarget, name});
    EXPECT_EQ(attributes.of(node, 7).stat.st_size, static_cast<off_t>(documents.text(node)->size()));
    EXPECT_GT(attributes.of(node, 7).stat.st_size, 0);
  }
}

}  // namespace
}  // namespace platefs::fs
