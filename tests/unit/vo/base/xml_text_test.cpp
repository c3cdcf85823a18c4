// SPDX-License-Identifier: BSD-3-Clause
#include "vo/base/xml_text.h"

#include <gtest/gtest.h>

namespace platefs::vo {
namespace {

using namespace std::string_view_literals;

TEST(XmlText, EscapesMarkup) {
  EXPECT_EQ(xml_escaped("a < b & c > \"d\""), "a &lt; b &amp; c &gt; &quot;d&quot;");
  EXPECT_EQ(xml_escaped("]]>"), "]]&gt;");
}

TEST(XmlText, KeepsLinesAndTabsThatAReaderWouldTurnIntoBlanks) {
  EXPECT_EQ(xml_escaped("a\tb\nc\rd"), "a&#9;b&#10;c&#13;d");
}

TEST(XmlText, ReplacesCharactersThatXmlForbids) {
  EXPECT_EQ(xml_escaped("a\0b\x1f"sv),
            "a\xef\xbf\xbd"
            "b\xef\xbf\xbd");
  EXPECT_EQ(xml_escaped("\xef\xbf\xbe\xef\xbf\xbf"), "\xef\xbf\xbd\xef\xbf\xbd");
}

TEST(XmlText, LeavesOtherUnicodeAsItIs) {
  EXPECT_EQ(xml_escaped("M\xc3\xbcnster \xef\xbf\xbd"), "M\xc3\xbcnster \xef\xbf\xbd");
}

TEST(XmlText, ReadsBytesThatAreNoUtf8AsLatin1) { EXPECT_EQ(xml_escaped("M\xfcnster"), "M\xc3\xbcnster"); }

}  // namespace
}  // namespace platefs::vo
