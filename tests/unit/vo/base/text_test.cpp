// SPDX-License-Identifier: BSD-3-Clause
#include "vo/base/text.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace platefs::vo {
namespace {

TEST(Text, SharesItsCharactersWithItsCopies) {
  const Text text{"ivo://x/1"};
  const Text copy = text;
  EXPECT_TRUE(copy.is_same(text));
  EXPECT_EQ(copy, "ivo://x/1");
  EXPECT_FALSE(text.is_same(Text{"ivo://x/1"}));
  EXPECT_EQ(text, Text{"ivo://x/1"});
}

TEST(Text, OutlivesTheOneThatItWasCopiedFrom) {
  auto first = std::make_unique<Text>(std::string(1000, 'x'));
  const Text copy = *first;
  first.reset();
  EXPECT_EQ(copy, std::string(1000, 'x'));
}

TEST(Text, MayBeEmptyOrHoldNul) {
  EXPECT_TRUE(Text{""}.empty());
  EXPECT_EQ(Text{}, "");
  EXPECT_EQ(Text{std::string_view("a\0b", 3)}.size(), 3U);
}

TEST(Text, IsFormattedAndOrderedAsItsCharacters) {
  EXPECT_EQ(fmt::format("{:>4}|", Text{"ab"}), "  ab|");
  EXPECT_LT(Text{"a"}, Text{"b"});
  EXPECT_EQ(Text{"a"} + "b", "ab");
}

TEST(TextPool, MakesEqualTextsOne) {
  TextPool pool;
  std::vector<Text> texts;
  for (int i = 0; i < 10'000; ++i) texts.push_back(pool.of(fmt::format("text {}", i % 5000)));
  for (int i = 0; i < 5000; ++i) {
    EXPECT_EQ(texts[static_cast<std::size_t>(i)], fmt::format("text {}", i));
    EXPECT_TRUE(texts[static_cast<std::size_t>(i)].is_same(texts[static_cast<std::size_t>(i) + 5000]));
  }
  EXPECT_TRUE(pool.of("").empty());
  EXPECT_GT(pool.bytes(), 5000U * 10);
}

}  // namespace
}  // namespace platefs::vo
