// SPDX-License-Identifier: BSD-3-Clause
#include "cache/answers/failure_memory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>

#include "tests/support/store_fixture.h"

namespace platefs::cache {
namespace {

using Lasts = Failure::Lasts;

class FailureMemoryTest : public test::StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    writer = std::make_unique<Writer>(*store, [](std::string_view) {});
    now = 1'700'000'000;
  }
  FailureMemory memory() {
    return {*store, *writer, [this] { return now; }};
  }
  Failure failure(const std::string& file, Lasts lasts) const {
    return {"ivo://test/plate?1", file, "no coordinates", now, "e1", "gavo", lasts};
  }
  void settle() {
    writer->run([](Store&) {});
  }
  std::vector<std::string> files(const FailureMemory& known) const {
    std::vector<std::string> names;
    for (const auto& each : known.all()) names.push_back(each.file);
    return names;
  }

  std::unique_ptr<Writer> writer;
};

TEST_F(FailureMemoryTest, IsKnownToOthersWhoUseTheCache) {
  auto mine = memory(), other = memory();
  mine.add(failure("cutout.fits", Lasts::Longer));
  settle();
  const auto told = other.all();
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].did, "ivo://test/plate?1");
  EXPECT_EQ(told[0].file, "cutout.fits");
  EXPECT_EQ(told[0].message, "no coordinates");
  EXPECT_EQ(told[0].when, now);
  EXPECT_EQ(told[0].exposure, "e1");
  EXPECT_EQ(told[0].archive, "gavo");
}

TEST_F(FailureMemoryTest, PassesAfterTenMinutesOrADay) {
  auto known = memory();
  known.add(failure("cutout.fits", Lasts::Longer));
  known.add(failure("full.fits", Lasts::Passing));
  settle();
  EXPECT_THAT(files(known), testing::UnorderedElementsAre("cutout.fits", "full.fits"));
  now += 601;
  EXPECT_THAT(files(known), testing::ElementsAre("cutout.fits"));
  EXPECT_THAT(files(memory()), testing::ElementsAre("cutout.fits"));
  now += 86400;
  EXPECT_THAT(files(known), testing::IsEmpty());
  EXPECT_THAT(files(memory()), testing::IsEmpty());
}

TEST_F(FailureMemoryTest, IsOverForAllWhenTheFileIsWell) {
  auto mine = memory(), other = memory();
  mine.add(failure("cutout.fits", Lasts::Longer));
  settle();
  other.remove(failure("cutout.fits", Lasts::Passing));
  settle();
  EXPECT_THAT(files(other), testing::IsEmpty());
  EXPECT_THAT(files(memory()), testing::IsEmpty());
}

TEST_F(FailureMemoryTest, OfWhatWasNotAskedForIsNobodyElses) {
  auto mine = memory();
  mine.add(failure("cutout.fits", Lasts::WhileOffline));
  settle();
  EXPECT_THAT(files(mine), testing::ElementsAre("cutout.fits"));
  EXPECT_THAT(files(memory()), testing::IsEmpty());
}

TEST_F(FailureMemoryTest, OfAnIdentifierWithLinesOfItsOwnStaysHere) {
  auto mine = memory();
  auto odd = failure("cutout.fits", Lasts::Longer);
  odd.did = "ivo://test\nplate";
  mine.add(odd);
  settle();
  EXPECT_THAT(files(mine), testing::ElementsAre("cutout.fits"));
  EXPECT_THAT(files(memory()), testing::IsEmpty());
}

}  // namespace
}  // namespace platefs::cache
