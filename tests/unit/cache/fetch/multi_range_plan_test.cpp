// SPDX-License-Identifier: BSD-3-Clause
#include "cache/fetch/multi_range_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace platefs::cache {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using vo::ByteRange;

using Ranges = std::vector<ByteRange>;

Ranges rows(std::size_t count, std::uint64_t pitch, std::uint64_t length, std::uint64_t first = 1'000'000) {
  Ranges ranges;
  for (std::size_t i = 0; i < count; ++i) ranges.push_back({first + i * pitch, first + i * pitch + length});
  return ranges;
}

std::uint64_t bytes_in(const std::vector<RangeRequest>& requests) {
  std::uint64_t bytes = 0;
  for (const auto& request : requests) {
    for (const auto& range : request) bytes += range.size();
  }
  return bytes;
}

TEST(GatherPlan, AsksForRowsFarApartExactlyAndSharesThemOverTheConnections) {
  const auto requests = plan_requests(rows(1200, 46340, 2400), HostPath{}, 4);
  EXPECT_EQ(bytes_in(requests), 1200u * 2400u);
  ASSERT_THAT(requests, SizeIs(8));
  for (const auto& request : requests) EXPECT_THAT(request, SizeIs(150));
}

TEST(GatherPlan, TakesGapsAlongThatCostLessThanAPart) {
  EXPECT_THAT(plan_requests({{0, 100}, {200, 300}, {1000, 1100}}, HostPath{}, 4),
              ElementsAre(RangeRequest{{0, 300}, {1000, 1100}}));
}

TEST(GatherPlan, TakesLargerGapsAlongWhereItSavesRoundTrips) {
  const HostPath slow{RangeWay::MultiRange, 0.2, 100e6};
  const auto wanted = rows(2000, 20'000, 2400);
  EXPECT_LT(plan_requests(wanted, slow, 4).size(), plan_requests(wanted, HostPath{}, 4).size());
  EXPECT_GT(bytes_in(plan_requests(wanted, slow, 4)), 2000u * 2400u);
}

TEST(GatherPlan, KeepsHeadersShortWhateverTheOffsets) {
  const auto far = rows(3000, 1ull << 40, 10, 1ull << 55);
  for (const auto& request : plan_requests(far, HostPath{}, 4)) {
    EXPECT_LE(request.size(), kSafelyManyRanges);
    EXPECT_LE(range_header(request).size(), 8000u);
  }
}

TEST(GatherPlan, NeedsFewerRequestsWhereARequestMayHaveManyRanges) {
  HostPath path;
  path.most_ranges = kMostRanges;
  const auto requests = plan_requests(rows(1200, 46340, 2400), path, 4);
  EXPECT_THAT(requests, SizeIs(4));
  for (const auto& request : requests) EXPECT_LE(range_header(request).size(), 8000u);
}

TEST(GatherPlan, AsksASmallQuestionInOneRequest) {
  EXPECT_THAT(plan_requests(rows(50, 46340, 100), HostPath{}, 4), SizeIs(1));
}

TEST(GatherPlan, WithoutMultiRangeTakesTheRowsBetweenWhenThatIsFaster) {
  const HostPath fast{RangeWay::SingleRange, 0.04, 100e6};
  const auto requests = plan_requests(rows(1200, 46340, 2400), fast, 4);
  EXPECT_THAT(requests, SizeIs(4));
  EXPECT_EQ(bytes_in(requests), 1199u * 46340u + 2400u);
  const HostPath slow{RangeWay::SingleRange, 0.04, 50e3};
  EXPECT_EQ(bytes_in(plan_requests(rows(30, 46340, 2400), slow, 4)), 30u * 2400u);
}

TEST(GatherPlan, AsksANearArchiveNoThousandTimesForWhatAFewRequestsBringAsFast) {
  const HostPath near{RangeWay::SingleRange, 0.0002, 400e6};
  EXPECT_THAT(plan_requests(rows(1200, 46340, 2400), near, 4), SizeIs(4));
}

TEST(GatherPlan, SpellsRangesInclusive) { EXPECT_EQ(range_header({{0, 100}, {500, 501}}), "bytes=0-99,500-500"); }

TEST(GatherPlan, OfNothingIsNothing) { EXPECT_THAT(plan_requests({}, HostPath{}, 4), IsEmpty()); }

TEST(Normalised, SortsAndJoins) {
  EXPECT_THAT(normalised({{50, 60}, {0, 10}, {10, 20}, {5, 5}, {55, 70}}),
              ElementsAre(ByteRange{0, 20}, ByteRange{50, 70}));
}

TEST(Without, LeavesWhatIsNotHeld) {
  EXPECT_THAT(without({{0, 100}, {200, 300}}, {{10, 20}, {50, 210}, {290, 400}}),
              ElementsAre(ByteRange{0, 10}, ByteRange{20, 50}, ByteRange{210, 290}));
  EXPECT_THAT(without({{0, 100}}, {{0, 100}}), IsEmpty());
  EXPECT_THAT(without({{0, 100}}, {}), ElementsAre(ByteRange{0, 100}));
}

}  // namespace
}  // namespace platefs::cache
