// SPDX-License-Identifier: BSD-3-Clause
#include "vo/base/excerpt.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "vo/base/utf8.h"

namespace platefs::vo {
namespace {

using namespace std::string_view_literals;

TEST(FirstWords, LeaveOutMarkupAndLineBreaks) {
  EXPECT_EQ(first_words("<h1>Service\n down</h1><p>Come  back</p>"), "Service down Come back");
}

TEST(FirstWords, BeginWithTheTitleOfAPage) {
  EXPECT_EQ(first_words("<html><script>var a=1;</script><title>Sign in</title>"), "Sign in");
}

TEST(FirstWords, AreNoneInBinaryData) { EXPECT_EQ(first_words("SIMPLE\0\0\0"sv), ""); }

TEST(FirstWords, EndBetweenCharacters) {
  std::string text;
  for (int i = 0; i < 100; ++i) text += "\xc3\xbc";
  const auto words = first_words(text, 21);
  EXPECT_TRUE(is_utf8(words));
  EXPECT_THAT(words, testing::EndsWith("\xe2\x80\xa6"));
  EXPECT_LE(words.size(), 24U);
}

}  // namespace
}  // namespace platefs::vo
