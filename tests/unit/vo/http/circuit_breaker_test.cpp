// SPDX-License-Identifier: BSD-3-Clause
#include "vo/http/circuit_breaker.h"

#include <gtest/gtest.h>

namespace platefs::vo {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Entry = CircuitBreaker::Entry;

const CircuitBreaker::TimePoint kStart{};
const HealthRules kRules{.failures = 3, .first_pause = seconds{1}, .longest_pause = seconds{60}};

/// A host that failed as often as it takes, the last time at kStart.
CircuitBreaker broken_host() {
  CircuitBreaker health{kRules};
  for (int i = 0; i < kRules.failures; ++i) health.failed(Entry::Normal, kStart, kStart);
  return health;
}

TEST(CircuitBreaker, LetsEverythingThroughWhileFewRequestsFail) {
  CircuitBreaker health{kRules};
  health.failed(Entry::Normal, kStart, kStart);
  health.failed(Entry::Normal, kStart, kStart);
  EXPECT_EQ(health.enter(kStart), Entry::Normal);
  EXPECT_FALSE(health.is_left_alone(kStart));
}

TEST(CircuitBreaker, CountsOnlyFailuresInARow) {
  CircuitBreaker health{kRules};
  for (int i = 0; i < 10; ++i) {
    health.failed(Entry::Normal, kStart, kStart);
    health.failed(Entry::Normal, kStart, kStart);
    health.succeeded();
  }
  EXPECT_TRUE(health.is_healthy());
}

TEST(CircuitBreaker, IsLeftAloneForAWhile) {
  auto health = broken_host();
  EXPECT_TRUE(health.is_left_alone(kStart));
  EXPECT_EQ(health.left_alone_until(), kStart + seconds{1});
  EXPECT_EQ(health.enter(kStart + milliseconds{999}), std::nullopt);
  EXPECT_EQ(health.failures(), 3);
}

TEST(CircuitBreaker, LetsOneProbeThrough) {
  auto health = broken_host();
  const auto later = kStart + seconds{1};
  EXPECT_FALSE(health.is_left_alone(later));
  EXPECT_EQ(health.enter(later), Entry::Probe);
  EXPECT_EQ(health.enter(later), std::nullopt);
  EXPECT_TRUE(health.is_probing());
  EXPECT_FALSE(health.is_left_alone(later)) << "who comes now may wait for the probe";
}

TEST(CircuitBreaker, IsHealedByAnAnswer) {
  auto health = broken_host();
  ASSERT_EQ(health.enter(kStart + seconds{1}), Entry::Probe);
  health.succeeded();
  EXPECT_EQ(health.enter(kStart + seconds{1}), Entry::Normal);
  EXPECT_EQ(health.failures(), 0);
}

TEST(CircuitBreaker, IsLeftAloneTwiceAsLongAfterEachFailedProbe) {
  auto health = broken_host();
  for (const int pause : {2, 4, 8, 16, 32, 60, 60}) {
    const auto now = health.left_alone_until();
    ASSERT_EQ(health.enter(now), Entry::Probe);
    health.failed(Entry::Probe, now, now);
    EXPECT_EQ(health.left_alone_until() - now, seconds{pause});
  }
}

TEST(CircuitBreaker, BeginsWithAShortPauseAfterItWasHealed) {
  auto health = broken_host();
  health.failed(*health.enter(kStart + seconds{1}), kStart + seconds{1}, kStart + seconds{1});
  health.succeeded();
  for (int i = 0; i < kRules.failures; ++i) health.failed(Entry::Normal, kStart + seconds{9}, kStart + seconds{9});
  EXPECT_EQ(health.left_alone_until(), kStart + seconds{10});
}

TEST(CircuitBreaker, IsNotProlongedByRequestsThatWereUnderWayBefore) {
  auto health = broken_host();
  health.failed(Entry::Normal, kStart + milliseconds{900}, kStart + milliseconds{900});
  EXPECT_EQ(health.left_alone_until(), kStart + seconds{1});
}

TEST(CircuitBreaker, TakesAnotherProbeWhenTheFirstWasAbandoned) {
  auto health = broken_host();
  const auto later = kStart + seconds{1};
  health.abandoned(*health.enter(later));
  EXPECT_EQ(health.enter(later), Entry::Probe);
}

TEST(CircuitBreaker, WhatOneOutageFailsAtOnceCountsOnce) {
  CircuitBreaker health(kRules);
  for (int i = 0; i < 2 * kRules.failures; ++i) {
    health.failed(Entry::Normal, kStart, kStart + milliseconds{10 + i});
  }
  EXPECT_TRUE(health.is_healthy());
  EXPECT_EQ(health.failures(), 1);
}

}  // namespace
}  // namespace platefs::vo
