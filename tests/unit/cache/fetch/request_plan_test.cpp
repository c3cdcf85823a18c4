// SPDX-License-Identifier: BSD-3-Clause
#include "cache/fetch/request_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cache/store/store.h"

namespace platefs::cache {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using vo::ByteRange;

constexpr std::uint64_t kKiB = 1024, kMiB = 1024 * kKiB;

RequestSituation file_of(std::uint64_t size) {
  RequestSituation situation;
  situation.size = size;
  return situation;
}

TEST(FetchPlan, AsksForNothingWhenNobodyWants) { EXPECT_THAT(plan_fetches(file_of(kMiB)), IsEmpty()); }

TEST(FetchPlan, AsksExactlyForTheGranulesThatAReaderWaitsFor) {
  auto situation = file_of(100 * kMiB);
  situation.waited_for = {{50 * kMiB + 100, 50 * kMiB + 64 * kKiB + 100}};
  EXPECT_THAT(plan_fetches(situation), ElementsAre(PlannedRequest{{50 * kMiB, 50 * kMiB + 72 * kKiB}, true}));
}

TEST(FetchPlan, LeavesOutWhatIsHeldOrUnderWay) {
  auto situation = file_of(100 * kMiB);
  situation.here.add({1 * kMiB, 2 * kMiB});
  situation.waited_for = {{0, 3 * kMiB}};
  EXPECT_THAT(plan_fetches(situation),
              ElementsAre(PlannedRequest{{0, 1 * kMiB}, true}, PlannedRequest{{2 * kMiB, 3 * kMiB}, true}));
}

TEST(FetchPlan, AsksOnceForWhatTwoReadersWaitFor) {
  auto situation = file_of(100 * kMiB);
  situation.waited_for = {{0, kMiB}, {512 * kKiB, kMiB}};
  EXPECT_THAT(plan_fetches(situation), ElementsAre(PlannedRequest{{0, kMiB}, true}));
}

TEST(FetchPlan, EndsWithTheFile) {
  auto situation = file_of(100'000);
  situation.waited_for = {{90'000, 200'000}};
  EXPECT_THAT(plan_fetches(situation), ElementsAre(PlannedRequest{{81'920, 100'000}, true}));
}

TEST(FetchPlan, TakesReadaheadAlongWithWhatIsWaitedFor) {
  auto situation = file_of(100 * kMiB);
  situation.connections = 1;
  situation.waited_for = {{kMiB, kMiB + 128 * kKiB}};
  situation.ahead = {{kMiB + 128 * kKiB, 2 * kMiB}};
  EXPECT_THAT(plan_fetches(situation), ElementsAre(PlannedRequest{{kMiB, kMiB + 128 * kKiB + 448 * kKiB}, true}));
}

TEST(FetchPlan, TakesAllOfAWindowAlongInACrowdAndNothingBesides) {
  auto situation = file_of(100 * kMiB);
  situation.is_crowded = true;
  situation.waited_for = {{kMiB, kMiB + 128 * kKiB}};
  situation.ahead = {{kMiB + 128 * kKiB, 3 * kMiB}, {50 * kMiB, 60 * kMiB}};
  EXPECT_THAT(plan_fetches(situation), ElementsAre(PlannedRequest{{kMiB, 3 * kMiB}, true}));
}

TEST(FetchPlan, SharesALongWindowAmongTheConnections) {
  auto situation = file_of(1000 * kMiB);
  situation.ahead = {{64 * kMiB, 128 * kMiB}};
  const auto planned = plan_fetches(situation);
  ASSERT_EQ(planned.size(), 4u);
  EXPECT_EQ(planned[0].range, (ByteRange{64 * kMiB, 72 * kMiB}));
  EXPECT_EQ(planned[3].range, (ByteRange{88 * kMiB, 96 * kMiB}));
}

TEST(FetchPlan, StartsNoReadaheadWhenTheConnectionsAreBusy) {
  auto situation = file_of(1000 * kMiB);
  situation.under_way = 4;
  situation.ahead = {{64 * kMiB, 128 * kMiB}};
  EXPECT_THAT(plan_fetches(situation), IsEmpty());
}

/// All of the window has been asked for, and one request of four is still under way.
RequestSituation window_asked_for(ByteRange window) {
  auto situation = file_of(1000 * kMiB);
  situation.ahead = {window};
  situation.here.add({0, window.end});
  situation.under_way = 1;
  return situation;
}

TEST(FetchPlan, GoesOnBehindALongWindowWhileItsReaderIsHeldUp) {
  auto situation = window_asked_for({64 * kMiB, 80 * kMiB});
  situation.waited_for = {{64 * kMiB - 128 * kKiB, 64 * kMiB}};
  EXPECT_THAT(plan_fetches(situation),
              ElementsAre(PlannedRequest{{80 * kMiB, 82 * kMiB}, false}, PlannedRequest{{82 * kMiB, 84 * kMiB}, false},
                          PlannedRequest{{84 * kMiB, 86 * kMiB}, false}));
  situation.here.add({80 * kMiB, 95 * kMiB});
  EXPECT_THAT(plan_fetches(situation), IsEmpty()) << "twice the window is enough";
}

TEST(FetchPlan, StaysInTheWindowWhileNobodyWaits) {
  EXPECT_THAT(plan_fetches(window_asked_for({64 * kMiB, 80 * kMiB})), IsEmpty());
}

TEST(FetchPlan, StaysInAShortWindowWhoeverWaits) {
  auto situation = window_asked_for({64 * kMiB, 66 * kMiB});
  situation.waited_for = {{64 * kMiB - 128 * kKiB, 64 * kMiB}};
  EXPECT_THAT(plan_fetches(situation), IsEmpty());
}

TEST(FetchPlan, AsksForAReaderHoweverBusyTheConnectionsAre) {
  auto situation = file_of(1000 * kMiB);
  situation.under_way = 9;
  situation.waited_for = {{0, 16 * kKiB}};
  EXPECT_EQ(plan_fetches(situation).size(), 1u);
}

TEST(FetchPlan, WaitsUntilTheEndOfAWindowIsWorthARequest) {
  auto situation = file_of(1000 * kMiB);
  situation.ahead = {{64 * kMiB, 128 * kMiB}};
  situation.here.add({0, 128 * kMiB - 128 * kKiB});
  EXPECT_THAT(plan_fetches(situation), IsEmpty());
  situation.ahead = {{68 * kMiB, 132 * kMiB}};
  EXPECT_THAT(plan_fetches(situation), IsEmpty());
  situation.ahead = {{72 * kMiB, 136 * kMiB}};
  EXPECT_EQ(plan_fetches(situation).size(), 1u);
}

TEST(FetchPlan, AsksForTheLastBitOfTheFileHoweverSmall) {
  auto situation = file_of(100 * kMiB + 1000);
  situation.ahead = {{90 * kMiB, 154 * kMiB}};
  situation.here.add({0, 100 * kMiB});
  EXPECT_THAT(plan_fetches(situation), ElementsAre(PlannedRequest{{100 * kMiB, 100 * kMiB + 1000}, false}));
}

}  // namespace
}  // namespace platefs::cache
