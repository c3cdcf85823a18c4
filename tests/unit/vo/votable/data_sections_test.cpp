// SPDX-License-Identifier: BSD-3-Clause
#include "vo/votable/data_sections.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace platefs::vo {
namespace {

std::string data_in(std::string_view document, std::string_view element = "TABLEDATA") {
  const DataSections sections{document};
  const auto place = sections.frame().find(element);
  if (place == std::string::npos) return "no element";
  const auto section = sections.of_element(place);
  return section ? std::string{document.substr(section->begin, section->end - section->begin)} : "nothing";
}

TEST(DataSections, AreTakenOutOfTheFrame) {
  const DataSections sections{"<V><TABLEDATA><TR><TD>1</TD></TR></TABLEDATA><INFO/></V>"};
  EXPECT_EQ(sections.frame(), "<V><TABLEDATA></TABLEDATA><INFO/></V>");
  EXPECT_EQ(data_in("<V><TABLEDATA><TR/></TABLEDATA></V>"), "<TR/>");
  EXPECT_EQ(data_in("<V><BINARY2><STREAM encoding='base64'>QUJD</STREAM></BINARY2></V>", "STREAM"), "QUJD");
}

TEST(DataSections, EndWithTheirElementWhateverItsPrefix) {
  EXPECT_EQ(data_in("<v:TABLEDATA ><v:TR/></v:TABLEDATA ></V>"), "<v:TR/>");
  EXPECT_EQ(data_in("<TABLEDATA><TR><TD>TABLEDATA></TD></TR></TABLEDATA>"), "<TR><TD>TABLEDATA></TD></TR>");
}

TEST(DataSections, DoNotEndInACommentOrInCdata) {
  EXPECT_EQ(data_in("<TABLEDATA><!-- </TABLEDATA> --><TR/></TABLEDATA>"), "<!-- </TABLEDATA> --><TR/>");
  EXPECT_EQ(data_in("<TABLEDATA><TD><![CDATA[</TABLEDATA>]]></TD></TABLEDATA>"), "<TD><![CDATA[</TABLEDATA>]]></TD>");
  EXPECT_EQ(data_in("<TABLEDATA><?x </TABLEDATA>?><TR/></TABLEDATA>"), "<?x </TABLEDATA>?><TR/>");
}

TEST(DataSections, DoNotBeginInACommentCdataOrAnAttribute) {
  EXPECT_EQ(DataSections{"<V><!-- <TABLEDATA> --><TABLEDATA>1</TABLEDATA></V>"}.frame(),
            "<V><!-- <TABLEDATA> --><TABLEDATA></TABLEDATA></V>");
  EXPECT_EQ(DataSections{"<V><![CDATA[<TABLEDATA>1</TABLEDATA>]]></V>"}.frame(),
            "<V><![CDATA[<TABLEDATA>1</TABLEDATA>]]></V>");
  EXPECT_EQ(data_in("<TABLEDATA note='a>b'>1</TABLEDATA>"), "1");
}

TEST(DataSections, OfAnEmptyElementAreNone) {
  EXPECT_EQ(data_in("<V><TABLEDATA/><STREAM>1</STREAM></V>"), "nothing");
  EXPECT_EQ(data_in("<V><TABLEDATA/><STREAM>1</STREAM></V>", "STREAM"), "1");
}

TEST(DataSections, OfADocumentThatIsCutOffGoToItsEnd) {
  const DataSections sections{"<V><TABLEDATA><TR><TD>1</T"};
  EXPECT_EQ(sections.frame(), "<V><TABLEDATA>");
  EXPECT_EQ(sections.in_document(sections.frame().size()), 26U);
  EXPECT_EQ(data_in("<TABLEDATA><TR"), "<TR");
  EXPECT_EQ(DataSections{"<V><TABLEDATA"}.frame(), "<V><TABLEDATA");
}

TEST(DataSections, OfSeveralTablesAreApart) {
  const std::string document = "<TABLEDATA>1</TABLEDATA><x><TABLEDATA>22</TABLEDATA></x>";
  const DataSections sections{document};
  const auto second = sections.of_element(sections.frame().rfind("<TABLEDATA>") + 1);
  ASSERT_TRUE(second);
  EXPECT_EQ(document.substr(second->begin, second->end - second->begin), "22");
  EXPECT_EQ(sections.in_document(sections.frame().find("<x>")), document.find("<x>"));
}

}  // namespace
}  // namespace platefs::vo
