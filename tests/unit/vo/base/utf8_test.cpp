// SPDX-License-Identifier: BSD-3-Clause
#include "vo/base/utf8.h"

#include <gtest/gtest.h>

namespace platefs::vo {
namespace {

TEST(Utf8, IsWellFormedInAllItsLengths) {
  EXPECT_TRUE(is_utf8(""));
  EXPECT_TRUE(is_utf8("M\xc3\xbcnster \xe2\x98\x86 \xf0\x9f\x94\xad"));
  EXPECT_TRUE(is_utf8("\xf4\x8f\xbf\xbf"));
}

TEST(Utf8, IsNotWhatCouldMeanTwoThings) {
  for (const auto* text : {"\xc0\x80", "\xc1\xbf", "\xe0\x80\x80", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xf0\x80\x80\x80",
                           "\xf4\x90\x80\x80", "\xf5\x80\x80\x80"}) {
    EXPECT_FALSE(is_utf8(text));
  }
}

TEST(Utf8, IsNotASequenceThatIsCutOff) {
  for (const auto* text : {"\xc3", "a\xe2\x98", "\xf0\x9f\x94", "\x80", "\xc3 "}) {
    EXPECT_FALSE(is_utf8(text));
  }
}

TEST(Utf8, IsWrittenInAllItsLengths) {
  std::string text;
  for (const char32_t character : {U'A', U'\u00fc', U'\u2606', U'\U0001f52d'}) {
    append_utf8(text, character);
  }
  EXPECT_EQ(text, "A\xc3\xbc\xe2\x98\x86\xf0\x9f\x94\xad");
}

TEST(Utf8, IsAsWideAsATerminalShowsIt) {
  EXPECT_EQ(width_of("abc"), 3u);
  EXPECT_EQ(width_of("M\xc3\xbcnster"), 7u);
  EXPECT_EQ(width_of("\xe6\xbc\xa2\xe5\xad\x97"), 4u);  // two ideographs
  EXPECT_EQ(width_of("u\xcc\x88"), 1u);                 // a letter and a mark above it
}

TEST(AsUtf8, LeavesUtf8AsItIs) { EXPECT_EQ(as_utf8("M\xc3\xbcnster"), "M\xc3\xbcnster"); }

TEST(AsUtf8, ReadsOtherBytesAsLatin1) { EXPECT_EQ(as_utf8("M\xfcnster"), "M\xc3\xbcnster"); }

TEST(Utf16, IsReadInNetworkOrder) {
  using namespace std::string_view_literals;
  EXPECT_EQ(utf8_of_utf16("\0M\0\xfc\x26\x06"sv), "M\xc3\xbc\xe2\x98\x86");
}

TEST(Utf16, JoinsSurrogatesThatBelongTogether) { EXPECT_EQ(utf8_of_utf16("\xd8\x3d\xdd\x2d"), "\xf0\x9f\x94\xad"); }

TEST(Utf16, ReplacesSurrogatesThatStandAlone) {
  using namespace std::string_view_literals;
  EXPECT_EQ(utf8_of_utf16("\xd8\x3d\0A"sv),
            "\xef\xbf\xbd"
            "A");
  EXPECT_EQ(utf8_of_utf16("\xdd\x2d"), "\xef\xbf\xbd");
  EXPECT_EQ(utf8_of_utf16("\xd8\x3d"), "\xef\xbf\xbd");
}

TEST(Utf16, LeavesOutAnOddByteAtTheEnd) {
  using namespace std::string_view_literals;
  EXPECT_EQ(utf8_of_utf16("\0A\0"sv), "A");
}

}  // namespace
}  // namespace platefs::vo
