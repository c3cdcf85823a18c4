// SPDX-License-Identifier: BSD-3-Clause
#include "vo/base/shown_text.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "vo/base/utf8.h"

namespace platefs::vo {
namespace {

TEST(ShownText, LeavesWordsOfEveryScriptAsTheyAre) {
  for (const std::string text : {"", "plain", "Höhe über Null", "漢字 \xF0\x9F\x94\xAD", "a  b"})
    EXPECT_EQ(shown_text(text), text);
}

TEST(ShownText, IsOneLine) { EXPECT_EQ(shown_text("a\nb\tc\rd\x0b"), "a b c d "); }

TEST(ShownText, MarksControlCharacters) {
  for (const std::string control : {"\x1b", "\x07", "\x7f", "\xC2\x9B", "\xE2\x80\xAE", "\xE2\x81\xA6", "\xE2\x80\xA8",
                                    "\xD8\x9C", "\xE2\x80\x8B", "\xF3\xA0\x81\x81", "\xEE\x80\x80"}) {
    EXPECT_EQ(shown_text("a" + control + "b"),
              "a\xEF\xBF\xBD"
              "b");
  }
  EXPECT_EQ(shown_text(std::string_view{"a\0b", 3}),
            "a\xEF\xBF\xBD"
            "b");
}

TEST(ShownText, ReadsWhatIsNoUtf8AsLatin1) {
  EXPECT_EQ(shown_text("H\xF6he"), "Höhe");
  EXPECT_EQ(shown_text("\x9b"
                       "31m"),
            "\xEF\xBF\xBD"
            "31m");  // C1 in one byte
}

TEST(ShownText, EndsBetweenCharacters) {
  EXPECT_EQ(shown_text("ääää", 6), "ä…");
  EXPECT_EQ(shown_text("abcdef", 6), "abcdef");
  EXPECT_EQ(shown_text("abcdefg", 6), "abc…");
}

RC_GTEST_PROP(ShownText, IsBoundedAndReadable, (const std::string& text)) {
  const auto shown = shown_text(text, 40);
  RC_ASSERT(shown.size() <= 40u);
  RC_ASSERT(is_utf8(shown));
  for (const char c : shown) RC_ASSERT(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f);
  RC_ASSERT(shown_text(shown, 40) == shown);
}

}  // namespace
}  // namespace platefs::vo
