// SPDX-License-Identifier: BSD-3-Clause
#include "vo/datalink_part.h"

#include <gmock/gmock.h>

#include "vo/datalink.h"

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

TEST(DatalinkPart, HasOnePlatesRowsAndServices) {
  const auto part = datalink_part(kTwoPlates, "ivo://a?2");
  ASSERT_TRUE(part);
  const auto document = read_datalink(read_votable(*part));
  ASSERT_EQ(document.links.size(), 2u);
  EXPECT_EQ(document.links[0].access_url, "http://x/2.fits");
  EXPECT_THAT(*part, Not(HasSubstr("soda1")));
  ASSERT_NE(document.service("proc2"), nullptr);
  EXPECT_EQ(document.service("proc2")->access_url, "http://x/soda2");
}

TEST(DatalinkPart, KeepsWhatIsAboutNobodyInParticular) {
  const auto part = datalink_part(kTwoPlates, "ivo://a?1");
  ASSERT_TRUE(part);
  EXPECT_THAT(*part, HasSubstr("http://x/links"));
  EXPECT_THAT(*part, HasSubstr("xml-stylesheet"));
}

TEST(DatalinkPart, IsNothingForAnIdWithoutRows) { EXPECT_FALSE(datalink_part(kTwoPlates, "ivo://a?3")); }

TEST(DatalinkPart, IsNothingOfWhatIsNoXmlOrNoTableOfText) {
  EXPECT_FALSE(datalink_part("<html", "ivo://a?1"));
  EXPECT_FALSE(datalink_part("<VOTABLE><RESOURCE><TABLE><DATA><BINARY/></DATA></TABLE></RESOURCE></VOTABLE>", "x"));
}

TEST(DatalinkPart, SurvivesARowOfAnotherIdThatIsNestedDeeperThanAnyStack) {
  constexpr int kDepth = 500'000;
  std::string nested;
  for (int i = 0; i < kDepth; ++i) nested += "<a>";
  for (int i = 0; i < kDepth; ++i) nested += "</a>";
  std::string document = kTwoPlates;
  document.replace(document.find("http://x/1.fits"), 15, nested);
  EXPECT_FALSE(datalink_part(document, "ivo://a?2"));
}

}  // namespace
}  // namespace platefs::vo
