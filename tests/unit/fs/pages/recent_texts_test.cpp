// SPDX-License-Identifier: BSD-3-Clause
#include "fs/pages/recent_texts.h"

#include <gtest/gtest.h>

namespace platefs::fs {
namespace {

using namespace std::chrono_literals;

RecentTexts::Text text(std::string content) { return std::make_shared<const std::string>(std::move(content)); }

std::shared_ptr<const void> origin() { return std::make_shared<const int>(1); }

TEST(RecentTexts, AreFoundByKeyAndOrigin) {
  RecentTexts texts{1 << 20};
  const auto first = origin(), second = origin();
  texts.keep("a", first, text("one"));
  ASSERT_NE(texts.find("a", first), nullptr);
  EXPECT_EQ(*texts.find("a", first), "one");
  EXPECT_EQ(texts.find("a", second), nullptr);
  EXPECT_EQ(texts.find("b", first), nullptr);
}

TEST(RecentTexts, AreReplacedByWhatIsMadeLater) {
  RecentTexts texts{1 << 20};
  const auto first = origin(), second = origin();
  texts.keep("a", first, text("one"));
  const auto before = texts.bytes();
  texts.keep("a", second, text("two"));
  EXPECT_EQ(texts.find("a", first), nullptr);
  EXPECT_EQ(*texts.find("a", second), "two");
  EXPECT_EQ(texts.bytes(), before);
}

TEST(RecentTexts, OfAnOriginThatIsGoneAreNotTakenForThoseOfAnother) {
  RecentTexts texts{1 << 20};
  texts.keep("a", origin(), text("one"));
  for (int i = 0; i < 100; ++i) EXPECT_EQ(texts.find("a", origin()), nullptr);
}

TEST(RecentTexts, StayWithinTheirBytesAndLoseWhatWasUsedLongestAgo) {
  constexpr std::size_t kMost = 100'000;
  RecentTexts texts{kMost};
  const auto made_of = origin();
  for (int i = 0; i < 50; ++i) {
    texts.keep(std::to_string(i), made_of, text(std::string(10'000, 'x')));
    EXPECT_NE(texts.find("0", made_of), nullptr) << i;
    EXPECT_LE(texts.bytes(), kMost);
  }
  EXPECT_EQ(texts.find("1", made_of), nullptr);
}

TEST(RecentTexts, KeepTheSizeOfWhatWasLetGo) {
  RecentTexts texts{100'000};
  const auto made_of = origin();
  for (int i = 0; i < 50; ++i) texts.keep(std::to_string(i), made_of, text(std::string(10'000, 'x')));
  ASSERT_EQ(texts.find("20", made_of), nullptr);
  EXPECT_EQ(texts.size_of("20", made_of), 10'000u);
  EXPECT_EQ(texts.size_of("49", made_of), 10'000u);
  EXPECT_EQ(texts.size_of("20", origin()), std::nullopt) << "of another origin";
  EXPECT_EQ(texts.size_of("50", made_of), std::nullopt) << "never made";
}

TEST(RecentTexts, DoNotKeepSizesWithoutEnd) {
  constexpr std::size_t kMost = 100'000;
  RecentTexts texts{kMost};
  const auto made_of = origin();
  for (int i = 0; i < 5'000; ++i) texts.keep(std::to_string(i), made_of, text("short"));
  EXPECT_LE(texts.bytes(), kMost);
  EXPECT_EQ(texts.size_of("1", made_of), std::nullopt);
  EXPECT_EQ(texts.size_of("4999", made_of), 5u);
}

TEST(RecentTexts, KeepTheLatestHoweverLargeItIs) {
  RecentTexts texts{10};
  const auto made_of = origin();
  texts.keep("a", made_of, text(std::string(1000, 'x')));
  EXPECT_NE(texts.find("a", made_of), nullptr);
}

TEST(RecentTexts, HoldAsLongAsTheyAreToldTo) {
  RecentTexts::Clock::time_point now{1h};
  RecentTexts texts{1 << 20, [&now] { return now; }};
  const auto made_of = origin();
  texts.keep("a", made_of, text("one"), 2s);
  now += 1s;
  EXPECT_NE(texts.find("a", made_of), nullptr);
  now += 2s;
  EXPECT_EQ(texts.find("a", made_of), nullptr);
}

}  // namespace
}  // namespace platefs::fs
