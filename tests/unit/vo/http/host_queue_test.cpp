// SPDX-License-Identifier: BSD-3-Clause
#include "vo/http/host_queue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace platefs::vo {
namespace {

using http::Priority;
using ::testing::ElementsAre;

std::vector<HostQueue::Id> all_next(HostQueue& queue) {
  std::vector<HostQueue::Id> ids;
  while (const auto id = queue.next()) ids.push_back(*id);
  return ids;
}

TEST(HostQueue, StartsNoMoreThanItsLimit) {
  HostQueue queue{2};
  for (HostQueue::Id id = 1; id <= 4; ++id) queue.add(id, Priority::Reader);
  EXPECT_THAT(all_next(queue), ElementsAre(1u, 2u));
  EXPECT_EQ(queue.under_way(), 2u);
  EXPECT_EQ(queue.waiting(), 2u);
  queue.remove(2);
  EXPECT_THAT(all_next(queue), ElementsAre(3u));
}

TEST(HostQueue, PassesOverWhatMayNotStart) {
  HostQueue queue{2};
  for (HostQueue::Id id = 1; id <= 3; ++id) queue.add(id, Priority::Reader);
  EXPECT_EQ(queue.next_that([](HostQueue::Id id) { return id == 2; }), 2u);
  EXPECT_EQ(queue.next_that([](HostQueue::Id) { return false; }), std::nullopt);
  EXPECT_THAT(all_next(queue), ElementsAre(1u));
  EXPECT_EQ(queue.next_that([](HostQueue::Id) { return true; }), std::nullopt);
  EXPECT_EQ(queue.waiting(), 1u);
}

TEST(HostQueue, GoesByPriorityThenByAge) {
  HostQueue queue{1};
  queue.add(1, Priority::Prefetch);
  queue.add(2, Priority::Readahead);
  queue.add(3, Priority::Reader);
  queue.add(5, Priority::Reader);
  queue.add(4, Priority::Reader);  // comes back for another attempt
  for (const HostQueue::Id expected : {3u, 4u, 5u, 2u, 1u}) {
    EXPECT_EQ(queue.next(), expected);
    queue.remove(expected);
  }
}

TEST(HostQueue, ForgetsWhatIsRemovedWhileWaiting) {
  HostQueue queue{1};
  queue.add(1, Priority::Reader);
  queue.add(2, Priority::Reader);
  queue.remove(1);
  queue.remove(7);
  EXPECT_EQ(queue.next(), 2u);
  EXPECT_EQ(queue.waiting(), 0u);
}

TEST(HostQueue, ForgetsWaitingRequestsOfEachPriority) {
  HostQueue queue{1};
  queue.add(1, Priority::Reader);
  queue.add(2, Priority::Readahead);
  queue.add(3, Priority::Prefetch);
  for (const HostQueue::Id id : {3u, 2u, 1u}) {
    queue.remove(id);
    EXPECT_EQ(queue.waiting(), id - 1);
  }
}

TEST(HostQueue, KeepsAPlaceFreeOfPrefetching) {
  HostQueue queue{3};
  for (HostQueue::Id id = 1; id <= 3; ++id) queue.add(id, Priority::Prefetch);
  EXPECT_THAT(all_next(queue), ElementsAre(1u, 2u));
  queue.add(4, Priority::Reader);
  EXPECT_THAT(all_next(queue), ElementsAre(4u));
  EXPECT_FALSE(queue.has_next());
}

TEST(HostQueue, PrefetchesWithASinglePlaceToo) {
  HostQueue queue{0};  // taken as 1
  queue.add(1, Priority::Prefetch);
  EXPECT_EQ(queue.next(), 1u);
}

TEST(HostQueue, GivesUpAllThatWaits) {
  HostQueue queue{1};
  for (HostQueue::Id id = 1; id <= 3; ++id) queue.add(id, Priority::Reader);
  queue.next();
  EXPECT_THAT(queue.take_waiting(), ElementsAre(2u, 3u));
  EXPECT_EQ(queue.waiting(), 0u);
  EXPECT_EQ(queue.under_way(), 1u);
}

}  // namespace
}  // namespace platefs::vo
