// SPDX-License-Identifier: BSD-3-Clause
#include "cache/fetch/access_pattern.h"

#include <gtest/gtest.h>

namespace platefs::cache {
namespace {

using vo::ByteRange;

constexpr std::uint64_t kKiB = 1024, kMiB = 1024 * kKiB;

/// A read at once behind the one before.
ByteRange on_read(AccessPattern& pattern, ByteRange range) {
  return pattern.on_read(range, {}, {std::chrono::milliseconds{40}});
}

/// Reads on from `first` in steps; returns the last window.
ByteRange read_on(AccessPattern& pattern, std::uint64_t first, std::uint64_t end, std::uint64_t step = 128 * kKiB) {
  ByteRange window;
  for (auto at = first; at < end; at += step) window = on_read(pattern, {at, at + step});
  return window;
}

TEST(AccessPattern, FetchesNothingAheadOfASingleRead) {
  AccessPattern pattern;
  EXPECT_TRUE(on_read(pattern, {0, 128 * kKiB}).empty());
}

TEST(AccessPattern, FetchesNothingForAReaderWhoJumpsAbout) {
  AccessPattern pattern;
  for (const std::uint64_t at : {900, 20, 500, 300, 700, 100, 800}) {
    EXPECT_TRUE(on_read(pattern, {at * kMiB, at * kMiB + 64 * kKiB}).empty());
  }
}

TEST(AccessPattern, LooksAsFarAheadAsTheReaderHasCome) {
  AccessPattern pattern;
  EXPECT_EQ(read_on(pattern, 0, 1 * kMiB), (ByteRange{1 * kMiB, 2 * kMiB}));
  EXPECT_EQ(read_on(pattern, 1 * kMiB, 8 * kMiB), (ByteRange{8 * kMiB, 16 * kMiB}));
}

TEST(AccessPattern, LooksNoFurtherThanItsLongestWindow) {
  AccessPattern pattern;
  EXPECT_EQ(read_on(pattern, 0, 500 * kMiB).size(), AccessPattern::kLongestWindow);
}

TEST(AccessPattern, KeepsARunWhenTheHeaderIsReadInBetween) {
  AccessPattern pattern;
  read_on(pattern, 100 * kMiB, 108 * kMiB);
  on_read(pattern, {0, 4 * kKiB});
  EXPECT_EQ(on_read(pattern, {108 * kMiB, 109 * kMiB}), (ByteRange{109 * kMiB, 118 * kMiB}));
}

TEST(AccessPattern, KeepsARunWhenReadaheadComesOutOfOrder) {
  AccessPattern pattern;
  read_on(pattern, 0, 4 * kMiB);
  on_read(pattern, {4 * kMiB + 128 * kKiB, 4 * kMiB + 256 * kKiB});
  const auto window = on_read(pattern, {4 * kMiB, 4 * kMiB + 128 * kKiB});
  EXPECT_EQ(window.first, 4 * kMiB + 256 * kKiB);
  EXPECT_GE(window.size(), 4 * kMiB);
}

TEST(AccessPattern, CountsOnlyWhatIsReadOfAStride) {
  AccessPattern pattern;
  ByteRange window;
  for (std::uint64_t at = 0; at < 8 * kMiB; at += kMiB) window = on_read(pattern, {at, at + 64 * kKiB});
  EXPECT_LE(window.size(), 512 * kKiB);
}

/// Reads 8 MiB at 0.64 MiB a second.
ByteRange read_slowly(AccessPattern& pattern, const AccessPattern::Ahead& ahead) {
  AccessPattern::Clock::time_point now{};
  ByteRange window;
  for (std::uint64_t at = 0; at < 8 * kMiB; at += 128 * kKiB) {
    window = pattern.on_read({at, at + 128 * kKiB}, now, ahead);
    now += std::chrono::milliseconds{200};
  }
  return window;
}

TEST(AccessPattern, LooksNoFurtherThanAReaderGetsWhileRequestsAreAnswered) {
  AccessPattern pattern;
  const auto window = read_slowly(pattern, {std::chrono::milliseconds{400}, 4});
  EXPECT_NEAR(static_cast<double>(window.size()), 4 * 0.4 * 0.64 * kMiB, 0.05 * kMiB);
}

TEST(AccessPattern, LooksALittleAheadEvenWhereAnswersComeAtOnce) {
  AccessPattern pattern;
  EXPECT_EQ(read_slowly(pattern, {std::chrono::microseconds{100}, 16}).size(), 256 * kKiB);
}

/// Where a request ends that begins when a reader of a crowd has come so far.
std::uint64_t end_at_once(std::uint64_t gone, double at_once) {
  AccessPattern pattern;
  const std::uint64_t start = 100 * kMiB + 4 * kKiB;
  ByteRange window;
  for (std::uint64_t at = 0; at < gone; at += 128 * kKiB) {
    window = pattern.on_read({start + at, start + at + 128 * kKiB}, {}, {std::chrono::milliseconds{40}, 8, at_once});
  }
  return window.end - start;
}

TEST(AccessPattern, AsksOfACrowdForAsMuchAgainAsItWentThrough) {
  EXPECT_EQ(end_at_once(256 * kKiB, 1e9), 512 * kKiB + 384 * kKiB);
  EXPECT_EQ(end_at_once(1 * kMiB, 1e9), 2 * kMiB + 384 * kKiB);
}

TEST(AccessPattern, EndsRequestsOfACrowdBehindARoundNumberOfBytes) {
  EXPECT_EQ(end_at_once(1 * kMiB + 384 * kKiB, 1e9), 2 * kMiB + 384 * kKiB);
  EXPECT_EQ(end_at_once(6 * kMiB + 384 * kKiB, 2.5e6), 8 * kMiB + 384 * kKiB);
}

TEST(AccessPattern, AsksOfACrowdForNoMoreThanIsWorthARoundTrip) {
  EXPECT_EQ(end_at_once(64 * kMiB, 2e6), 65 * kMiB + 384 * kKiB);
  EXPECT_EQ(end_at_once(64 * kMiB, 10), 64 * kMiB + 640 * kKiB);
}

TEST(AccessPattern, KnowsAReaderWhoReadsOnAndOn) {
  AccessPattern pattern;
  on_read(pattern, {0, 128 * kKiB});
  EXPECT_FALSE(pattern.has_run());
  on_read(pattern, {128 * kKiB, 256 * kKiB});
  EXPECT_TRUE(pattern.has_run());
}

}  // namespace
}  // namespace platefs::cache
