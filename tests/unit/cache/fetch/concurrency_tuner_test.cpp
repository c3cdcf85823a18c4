// SPDX-License-Identifier: BSD-3-Clause
#include "cache/fetch/concurrency_tuner.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

namespace platefs::cache {
namespace {

using std::chrono::milliseconds;
using Rate = std::function<double(std::size_t streams)>;  // bytes per second

/// Reads for `time` from a host that is as fast as `rate` says; at the start `clock` is not zero.
void read_for(ConcurrencyTuner& tuner, milliseconds time, const Rate& rate, std::size_t missing = 0) {
  static ConcurrencyTuner::Clock::time_point clock{std::chrono::hours{1}};
  constexpr milliseconds kStep{20};
  for (milliseconds past{}; past < time; past += kStep) {
    clock += kStep;
    const auto bytes = rate(tuner.streams()) * std::chrono::duration<double>(kStep).count();
    tuner.note(static_cast<std::uint64_t>(bytes), tuner.streams() - missing, clock);
  }
}

double megabytes(double number) { return number * 1e6; }

/// Each stream adds as much as the first, up to what the wire takes.
Rate wire(double of_one, double at_most) {
  return [=](std::size_t streams) { return megabytes(std::min(of_one * static_cast<double>(streams), at_most)); };
}

TEST(ConcurrencyTuner, BeginsWithFourOrAsManyAsAreAllowed) {
  EXPECT_EQ(ConcurrencyTuner(8).streams(), 4u);
  EXPECT_EQ(ConcurrencyTuner(2).streams(), 2u);
  EXPECT_EQ(ConcurrencyTuner(0).streams(), 1u);
}

TEST(ConcurrencyTuner, TakesOneMoreAsLongAsItGains) {
  ConcurrencyTuner tuner(16);
  read_for(tuner, milliseconds{6000}, wire(20, 1000));
  EXPECT_GE(tuner.streams(), 8u);
  EXPECT_LE(tuner.streams(), 16u);
}

TEST(ConcurrencyTuner, TakesNoMoreThanItMay) {
  ConcurrencyTuner tuner(4);
  read_for(tuner, milliseconds{20'000}, wire(20, 1000));
  EXPECT_EQ(tuner.streams(), 4u);
}

TEST(ConcurrencyTuner, GoesBackWhereOneMoreGainsNothing) {
  ConcurrencyTuner tuner(16);
  read_for(tuner, milliseconds{3000}, wire(30, 112));
  EXPECT_EQ(tuner.streams(), 4u);
}

TEST(ConcurrencyTuner, LearnsNothingWhileFewerAreUnderWay) {
  ConcurrencyTuner tuner(16);
  read_for(tuner, milliseconds{6000}, wire(20, 1000), 1);
  EXPECT_EQ(tuner.streams(), 4u);
}

}  // namespace
}  // namespace platefs::cache
