// SPDX-License-Identifier: BSD-3-Clause
#include "cache/answers/archive_fan_in.h"

#include <gtest/gtest.h>

namespace platefs::cache {
namespace {

using vo::Angle;
using vo::Error;
using vo::ErrorKind;

class GatheringTest : public testing::Test {
 protected:
  ArchiveFanIn fan_in{vo::IcrsPosition::at(Angle::degrees(156), Angle::degrees(48)),
                      {"first", "second"},
                      100,
                      [this](vo::Outcome<std::shared_ptr<const PlatesAnswer>> outcome) {
                        ++answers;
                        if (outcome)
                          answer = outcome.value();
                        else
                          failure = outcome.error();
                      }};
  static ArchiveAnswer table(const std::string& name) {
    return {name, std::make_shared<vo::PlateTable>(), std::nullopt, 100};
  }

  int answers = 0;
  std::shared_ptr<const PlatesAnswer> answer;
  std::optional<Error> failure;
};

TEST_F(GatheringTest, IsCompleteWhenAllHaveAnswered) {
  fan_in.take(1, table("second"));
  EXPECT_EQ(answers, 0);
  EXPECT_TRUE(fan_in.could_be_closed());
  fan_in.take(0, table("first"));
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->archives[0].archive, "first");
  EXPECT_EQ(answer->archives[1].archive, "second");
}

TEST_F(GatheringTest, ShowsTheFailureOfOneBesideThePlatesOfTheOther) {
  fan_in.take(0, Error(ErrorKind::Refused, "nobody there"));
  fan_in.take(1, table("second"));
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->archives[0].failure->kind(), ErrorKind::Refused);
  EXPECT_FALSE(answer->archives[0].table);
}

TEST_F(GatheringTest, FailsWhenNobodyHasPlates) {
  fan_in.take(0, Error(ErrorKind::Refused, "nobody there"));
  EXPECT_FALSE(fan_in.close());
  EXPECT_EQ(answers, 0);
  fan_in.take(1, Error(ErrorKind::TimedOut, "silent"));
  ASSERT_TRUE(failure);
  EXPECT_EQ(failure->kind(), ErrorKind::Refused);
}

TEST_F(GatheringTest, NamesWhoIsLateWhenItIsClosedAndIgnoresWhatComesThen) {
  fan_in.take(0, table("first"));
  EXPECT_TRUE(fan_in.close());
  ASSERT_TRUE(answer);
  ASSERT_TRUE(answer->archives[1].failure);
  EXPECT_EQ(answer->archives[1].failure->kind(), ErrorKind::TimedOut);
  fan_in.take(1, table("second"));
  EXPECT_FALSE(answer->archives[1].table);
  EXPECT_EQ(answers, 1);
  EXPECT_FALSE(fan_in.close());
}

}  // namespace
}  // namespace platefs::cache
