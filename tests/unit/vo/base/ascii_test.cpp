// SPDX-License-Identifier: BSD-3-Clause
#include "vo/base/ascii.h"

#include <gtest/gtest.h>

#include "vo/base/byte_range.h"
#include "vo/base/url.h"
#include "vo/base/xml_text.h"

namespace platefs::vo {
namespace {

TEST(Ascii, LettersBeyondAsciiHaveNoCase) {
  EXPECT_EQ(lower_case("ÄBC-1"), "Äbc-1");
  EXPECT_EQ(upper_case("äbc-1"), "äBC-1");
  EXPECT_FALSE(is_letter('\xe4'));
}

TEST(Ascii, TrimsBlanksOfEachKindAtBothEnds) {
  EXPECT_EQ(trimmed("\t a b\r\n\f\v"), "a b");
  EXPECT_EQ(trimmed(" \t "), "");
}

TEST(ByteRangeOverlap, RangesThatTouchDoNotOverlap) {
  EXPECT_FALSE((ByteRange{0, 10}.overlaps({10, 20})));
  EXPECT_FALSE((ByteRange{10, 20}.overlaps({0, 10})));
  EXPECT_TRUE((ByteRange{0, 10}.overlaps({9, 20})));
  EXPECT_TRUE((ByteRange{0, 30}.overlaps({10, 20})));
}

TEST(XmlLocalName, LosesThePrefixOfItsNamespace) {
  EXPECT_EQ(local_name("vot:TABLE"), "TABLE");
  EXPECT_EQ(local_name("TABLE"), "TABLE");
}

TEST(UrlHost, AnIpv6AddressLosesItsBrackets) {
  EXPECT_EQ(without_brackets("[::1]"), "::1");
  EXPECT_EQ(without_brackets("example.org"), "example.org");
}

}  // namespace
}  // namespace platefs::vo
