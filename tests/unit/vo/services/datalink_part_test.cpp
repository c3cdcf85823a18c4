// SPDX-License-Identifier: BSD-3-Clause
#include "vo/services/datalink_part.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "vo/services/datalink.h"

namespace platefs::vo {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* kTwoPlates = R"(<?xml version="1.0"?><?xml-stylesheet href="x.xsl"?>
<VOTABLE version="1.4" xmlns="http://www.ivoa.net/xml/VOTable/v1.3">
<RESOURCE type="results"><TABLE><FIELD name="ID" datatype="char" arraysize="*"/>
<FIELD name="access_url" datatype="char" arraysize="*"/><FIELD name="service_def" datatype="char" arraysize="*"/>
<FIELD name="semantics" datatype="char" arraysize="*"/><FIELD name="error_message" datatype="char" arraysize="*"/>
<DATA><TABLEDATA>
<TR><TD>ivo://a?1</TD><TD>http://x/1.fits</TD><TD/><TD>#this</TD><TD/></TR>
<TR><TD>ivo://a?1</TD><TD/><TD>proc1</TD><TD>#proc</TD><TD/></TR>
<TR><TD><![CDATA[ivo://a?2]]></TD><TD>http://x/2.fits</TD><TD/><TD>#this</TD><TD/></TR>
<TR><TD>ivo://a?2</TD><TD/><TD>proc2</TD><TD>#proc</TD><TD/></TR>
</TABLEDATA></DATA></TABLE></RESOURCE>
<RESOURCE type="meta" utype="adhoc:service" ID="proc1"><PARAM name="accessURL" value="http://x/soda1"/></RESOURCE>
<RESOURCE type="meta" utype="adhoc:service" ID="proc2"><PARAM name="accessURL" value="http://x/soda2"/></RESOURCE>
<RESOURCE type="meta" utype="adhoc:service" ID="self"><PARAM name="accessURL" value="http://x/links"/></RESOURCE>
</VOTABLE>)";

std::optional<std::string> part_of(std::string_view document, std::string_view id) {
  return DatalinkParts{document}.of(id);
}

/// A document whose only table is in a results RESOURCE with that ID; its rows are (ID, service_def).
std::string document_of(const std::string& results_id, const std::vector<std::pair<std::string, std::string>>& rows,
                        const std::string& services) {
  std::string text = "<VOTABLE><RESOURCE type=\"results\" ID=\"" + results_id + "\"><TABLE>";
  for (const auto* name : {"ID", "access_url", "service_def", "semantics"}) {
    text += "<FIELD name=\"" + std::string(name) + "\" datatype=\"char\" arraysize=\"*\"/>";
  }
  text += "<DATA><TABLEDATA>";
  for (const auto& [id, service] : rows) {
    text += "<TR><TD>" + id + "</TD><TD/><TD>" + service + "</TD><TD>#proc</TD></TR>";
  }
  return text + "</TABLEDATA></DATA></TABLE></RESOURCE>" + services + "</VOTABLE>";
}

std::string service(const std::string& id, const std::string& inside = {}) {
  return "<RESOURCE type=\"meta\" utype=\"adhoc:service\" ID=\"" + id +
         "\"><PARAM name=\"accessURL\" value=\"http://x/" + id + "\"/>" + inside + "</RESOURCE>";
}

TEST(DatalinkPart, HasOnePlatesRowsAndServices) {
  const auto part = part_of(kTwoPlates, "ivo://a?2");
  ASSERT_TRUE(part);
  const auto document = read_datalink(read_votable(*part));
  ASSERT_EQ(document.links.size(), 2u);
  EXPECT_EQ(document.links[0].access_url, "http://x/2.fits");
  EXPECT_THAT(*part, Not(HasSubstr("soda1")));
  ASSERT_NE(document.service("proc2"), nullptr);
  EXPECT_EQ(document.service("proc2")->access_url, "http://x/soda2");
}

TEST(DatalinkPart, KeepsWhatIsAboutNobodyInParticular) {
  const auto part = part_of(kTwoPlates, "ivo://a?1");
  ASSERT_TRUE(part);
  EXPECT_THAT(*part, HasSubstr("http://x/links"));
  EXPECT_THAT(*part, HasSubstr("xml-stylesheet"));
}

TEST(DatalinkPart, IsNothingForAnIdWithoutRows) { EXPECT_FALSE(part_of(kTwoPlates, "ivo://a?3")); }

TEST(DatalinkPart, IsNothingOfWhatIsNoXmlOrNoTableOfText) {
  EXPECT_FALSE(part_of("<html", "ivo://a?1"));
  EXPECT_FALSE(part_of("<VOTABLE><RESOURCE><TABLE><DATA><BINARY/></DATA></TABLE></RESOURCE></VOTABLE>", "x"));
}

TEST(DatalinkPart, SurvivesARowOfAnotherIdThatIsNestedDeeperThanAnyStack) {
  constexpr int kDepth = 500'000;
  std::string nested;
  for (int i = 0; i < kDepth; ++i) nested += "<a>";
  for (int i = 0; i < kDepth; ++i) nested += "</a>";
  std::string document = kTwoPlates;
  document.replace(document.find("http://x/1.fits"), 15, nested);
  EXPECT_FALSE(part_of(document, "ivo://a?2"));
}

TEST(DatalinkPart, KeepsTheResultsWhateverARowCallsItsService) {
  const auto document = document_of("res", {{"one", "res"}, {"two", ""}}, "");
  const auto part = part_of(document, "two");
  ASSERT_TRUE(part);
  ASSERT_EQ(read_datalink(read_votable(*part)).links.size(), 1u);
  EXPECT_EQ(read_datalink(read_votable(*part)).links[0].id, "two");
}

TEST(DatalinkPart, KeepsAResourceThatIsNoServiceThoughARowNamesItSo) {
  const auto document = document_of("res", {{"one", "notes"}, {"two", ""}},
                                    "<RESOURCE ID=\"notes\"><INFO name=\"x\" value=\"kept\"/></RESOURCE>");
  EXPECT_THAT(part_of(document, "two").value_or(""), HasSubstr("kept"));
}

TEST(DatalinkPart, LeavesOutServicesWithinServicesOfOthers) {
  std::string params;
  for (int i = 0; i < 4000; ++i) params += "<PARAM name=\"p" + std::to_string(i) + "\" value=\"1\"/>";
  const auto nested = service("outer", params + service("inner", params));
  const auto part =
      part_of(document_of("res", {{"one", "outer"}, {"one", "inner"}, {"two", "own"}}, nested + service("own")), "two");
  ASSERT_TRUE(part);
  EXPECT_THAT(*part, Not(HasSubstr("inner")));
  EXPECT_THAT(*part, Not(HasSubstr("outer")));
  EXPECT_NE(read_datalink(read_votable(*part)).service("own"), nullptr);
}

TEST(DatalinkPart, KeepsTheServiceOfAnotherThatHoldsAnOwnOne) {
  const auto document = document_of("res", {{"one", "outer"}, {"one", "inner"}, {"two", "own"}},
                                    service("outer", service("inner", service("own")) + service("stranger")));
  const auto part = part_of(document, "two");
  ASSERT_TRUE(part);
  EXPECT_THAT(*part, HasSubstr("http://x/own"));
  EXPECT_THAT(part_of(document, "one").value_or(""), HasSubstr("http://x/inner"));
}

TEST(DatalinkPart, IsOfTheTableThatIsReadAsTheResults) {
  const std::string other =
      "<VOTABLE><RESOURCE "
      "type=\"meta\"><TABLE><DATA><TABLEDATA><TR><TD>two</TD></TR></TABLEDATA></DATA></TABLE></RESOURCE>";
  auto document = document_of("res", {{"one", ""}, {"two", ""}}, "");
  document.replace(0, std::string_view("<VOTABLE>").size(), other);
  const auto part = part_of(document, "two");
  ASSERT_TRUE(part);
  EXPECT_EQ(read_datalink(read_votable(*part)).links.size(), 1u);
}

TEST(DatalinkPart, OfEachIdIsWhatItWasWhateverWasAskedBefore) {
  const DatalinkParts parts{kTwoPlates};
  const auto first = parts.of("ivo://a?1");
  EXPECT_EQ(parts.of("ivo://a?2"), part_of(kTwoPlates, "ivo://a?2"));
  EXPECT_EQ(parts.of("ivo://a?1"), first);
}

}  // namespace
}  // namespace platefs::vo
