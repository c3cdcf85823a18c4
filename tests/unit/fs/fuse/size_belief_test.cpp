// SPDX-License-Identifier: BSD-3-Clause
#include "fs/fuse/size_belief.h"

#include <gtest/gtest.h>

namespace platefs::fs {
namespace {

using Way = SizeBelief::Way;

OpenContent text_of(std::size_t size, char letter = 'x') {
  return {std::make_shared<const std::string>(size, letter), nullptr};
}

/// Counts how often the kernel is made to forget what it was told.
class SizeBeliefTest : public testing::Test {
 protected:
  Way open(const OpenContent& content) {
    return belief.open(content, [this] { ++invalidations; });
  }

  SizeBelief belief;
  int invalidations = 0;
};

TEST_F(SizeBeliefTest, WhatAlwaysWasExactNeedsNoInvalidation) {
  EXPECT_EQ(belief.tell(100), 100U);
  EXPECT_EQ(belief.tell(100), 100U);
  EXPECT_EQ(open(text_of(100)), Way::ThroughPages);
  EXPECT_EQ(invalidations, 0);
}

TEST_F(SizeBeliefTest, AnEstimateIsCorrectedByOneInvalidationForAllWhoOpen) {
  belief.tell(5000);
  const auto content = text_of(100);
  EXPECT_EQ(open(content), Way::LookUpAgain);
  EXPECT_EQ(open(content), Way::LookUpAgain);
  EXPECT_EQ(invalidations, 1);
  EXPECT_EQ(belief.tell(5000), 100U);
  EXPECT_EQ(belief.open_again(true), Way::ThroughPages);
  EXPECT_EQ(belief.open_again(false), Way::ThroughPages);
  EXPECT_EQ(open(content), Way::ThroughPages);
  EXPECT_EQ(invalidations, 1);
}

TEST_F(SizeBeliefTest, AnEstimateThatHappensToBeExactIsNone) {
  belief.tell(100);
  EXPECT_EQ(open(text_of(100)), Way::ThroughPages);
}

TEST_F(SizeBeliefTest, WhoeverComesBackWithoutALookUpReadsPastThePages) {
  belief.tell(5000);
  EXPECT_EQ(open(text_of(100)), Way::LookUpAgain);
  EXPECT_EQ(belief.open_again(false), Way::PastThePages);
}

TEST_F(SizeBeliefTest, AnInodeOfWhichNothingWasToldIsNotTakenForExact) {
  EXPECT_EQ(open(text_of(100)), Way::LookUpAgain);
}

TEST_F(SizeBeliefTest, ASizeToldMeanwhileIsNotTakenForTheKernels) {
  belief.tell(100);
  belief.tell(200);
  belief.tell(100);
  EXPECT_EQ(open(text_of(100)), Way::LookUpAgain);
  EXPECT_EQ(invalidations, 1);
}

TEST_F(SizeBeliefTest, ATextThatComesBackIsInvalidatedAgain) {
  belief.tell(100);
  EXPECT_EQ(open(text_of(100)), Way::ThroughPages);
  belief.close();
  belief.tell(200);
  EXPECT_EQ(open(text_of(100)), Way::LookUpAgain);
  EXPECT_EQ(belief.open_again(true), Way::ThroughPages);
  belief.close();
  belief.tell(200);
  EXPECT_EQ(open(text_of(100)), Way::LookUpAgain);
  EXPECT_EQ(invalidations, 2);
}

TEST_F(SizeBeliefTest, PagesOfOneTextAreNotShownAsAnothers) {
  belief.tell(100);
  EXPECT_EQ(open(text_of(100, 'a')), Way::ThroughPages);
  EXPECT_FALSE(belief.keeps_pages());
  EXPECT_EQ(open(text_of(100, 'a')), Way::ThroughPages);
  EXPECT_TRUE(belief.keeps_pages());
  EXPECT_EQ(open(text_of(100, 'b')), Way::PastThePages);
  belief.close();
  belief.close();
  EXPECT_EQ(open(text_of(100, 'b')), Way::ThroughPages);
  EXPECT_FALSE(belief.keeps_pages());
}

/// Nothing of a file is kept of a text that stood for it, whatever has been opened meanwhile.
TEST_F(SizeBeliefTest, PagesOfATextThatStoodForAFileAreNotTheFiles) {
  struct File final : cache::OpenFile {
    std::uint64_t size() const override { return 100; }
    std::uint32_t version() const override { return 1; }
    void read(vo::ByteRange, vo::Completion<cache::Extent> done) override { done(cache::Extent{}); }
  };
  const OpenContent file{nullptr, std::make_shared<File>()};
  belief.tell(100);
  EXPECT_EQ(open(text_of(100)), Way::ThroughPages);
  EXPECT_FALSE(belief.keeps_pages());
  EXPECT_EQ(open(file), Way::PastThePages);
  belief.close();
  EXPECT_EQ(open(file), Way::ThroughPages);
  EXPECT_FALSE(belief.keeps_pages());
  EXPECT_EQ(open(file), Way::ThroughPages);
  EXPECT_TRUE(belief.keeps_pages());
  belief.close();
  belief.close();
  EXPECT_EQ(open(file), Way::ThroughPages);
  EXPECT_TRUE(belief.keeps_pages());
}

TEST_F(SizeBeliefTest, WhatIsOpenIsToldWhateverIsKnown) {
  belief.tell(100);
  EXPECT_EQ(open(text_of(100)), Way::ThroughPages);
  EXPECT_EQ(belief.tell(300), 100U);
  belief.close();
  EXPECT_EQ(belief.tell(300), 300U);
}

}  // namespace
}  // namespace platefs::fs
