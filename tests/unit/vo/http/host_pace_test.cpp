// SPDX-License-Identifier: BSD-3-Clause
#include "vo/http/host_pace.h"

#include <gtest/gtest.h>

namespace platefs::vo {
namespace {

using namespace std::chrono_literals;

class HostPaceTest : public testing::Test {
 protected:
  /// So many requests, answered one each `apart`.
  void answer(int requests, std::chrono::milliseconds apart) {
    for (int i = 0; i < requests; ++i) {
      pace.began(now);
      now += apart;
      pace.answered(now);
    }
  }

  HostPace pace{{500ms, 8000ms}};
  HostPace::TimePoint now{std::chrono::hours{1}};
};

TEST_F(HostPaceTest, AHostThatDoesNotComplainIsAskedAtOnce) {
  answer(1000, 1ms);
  EXPECT_LE(pace.next_begin(), now);
}

TEST_F(HostPaceTest, OneWhoseLimitIsKnownIsNeverAskedFaster) {
  pace = HostPace{{500ms, 8000ms, 200ms}};
  for (int i = 0; i < 1000; ++i) {
    pace.began(now);
    EXPECT_EQ(pace.next_begin(), now + 200ms);
    now += 200ms;
    pace.answered(now);
  }
}

TEST_F(HostPaceTest, AComplaintHoldsItAsLongAsItSays) {
  pace.refused(now, now, 7s);
  EXPECT_EQ(pace.next_begin(), now + 7s);
}

TEST_F(HostPaceTest, AComplaintThatSaysNothingHoldsItLongerEachTime) {
  for (const auto hold : {500ms, 1000ms, 2000ms, 4000ms, 8000ms, 8000ms}) {
    pace.refused(now, now, std::nullopt);
    EXPECT_EQ(pace.held_until(), now + hold);
    now = pace.held_until();
  }
  pace.answered(now);
  pace.refused(now, now, std::nullopt);
  EXPECT_EQ(pace.held_until(), now + 500ms) << "an answer begins it anew";
}

TEST_F(HostPaceTest, ComplaintsOfOneMomentAreOne) {
  answer(5, 10ms);
  const auto began = now;
  pace.refused(began, now, 1s);
  const auto interval = pace.interval();
  now += 5ms;
  pace.refused(began - 1ms, now, 1s);
  EXPECT_EQ(pace.interval(), interval);
  EXPECT_EQ(pace.held_until(), now + 1s);
}

TEST_F(HostPaceTest, AfterwardsItIsAskedALittleSlowerThanItAnswered) {
  answer(5, 10ms);
  pace.refused(now, now, 1s);
  EXPECT_EQ(pace.interval(), 220ms);
  now += 1s;
  pace.began(now);
  EXPECT_EQ(pace.next_begin(), now + 220ms);
}

TEST_F(HostPaceTest, ItIsSlowerStillWhereThatIsTooFast) {
  answer(5, 10ms);
  pace.refused(now, now, 1s);
  now += 1s;
  pace.refused(now, now, 1s);
  EXPECT_EQ(pace.interval(), 440ms);
}

TEST_F(HostPaceTest, ItIsAsFastAsBeforeWhereItWasALittleTooFast) {
  answer(5, 10ms);
  pace.refused(now, now, 1s);
  now += 1s;
  answer(150, 220ms);  // it became faster meanwhile
  ASSERT_LT(pace.interval(), 200ms);
  answer(5, 180ms);
  pace.refused(now, now, 1s);
  EXPECT_LE(pace.interval(), 220ms);
}

TEST_F(HostPaceTest, ItBecomesFasterWhereNothingIsSaidForLong) {
  answer(5, 10ms);
  pace.refused(now, now, 1s);
  answer(60, 250ms);
  EXPECT_EQ(pace.interval(), 220ms);
  answer(200, 250ms);
  EXPECT_LT(pace.interval(), 220ms);
  answer(10000, 250ms);
  EXPECT_EQ(pace.interval(), 0ms);
}

}  // namespace
}  // namespace platefs::vo
