// SPDX-License-Identifier: BSD-3-Clause
#include "vo/votable/votable.h"

#include <cmath>

#include "tests/support/votable_builder.h"
#include "vo/base/error.h"

namespace platefs::vo {
namespace {

using test::Binary;
using test::binary_stream;
using test::table;
using test::tabledata;
using test::votable_document;

constexpr std::string_view kFields =
    R"(<FIELD ID="did" name="obs_publisher_did" datatype="char" arraysize="*"/>)"
    R"(<FIELD name="s_xel1" datatype="long"><VALUES null="-1"/></FIELD>)"
    R"(<FIELD name="t_min" datatype="double" unit="d" ucd="time.start;obs.exposure"/>)";
constexpr std::string_view kRows =
    "<TR><TD>ivo://a/~?b1</TD><TD>15000</TD><TD>11504.5</TD></TR>"
    "<TR><TD>ivo://a/~?b2</TD><TD>-1</TD><TD>NaN</TD></TR>";

std::string plates(std::string_view status = "<INFO name=\"QUERY_STATUS\" value=\"OK\"/>", std::string_view late = {}) {
  return votable_document(std::string{status} + table(kFields, tabledata(kRows)) + std::string{late});
}

Error failure_of(const std::string& document) {
  try {
    read_votable(document);
  } catch (const Error& error) {
    return error;
  }
  ADD_FAILURE() << "was read: " << document.substr(0, 200);
  return {ErrorKind::Cancelled, ""};
}

void expect_the_two_plates(const Votable& votable) {
  ASSERT_EQ(votable.rows.size(), 2U);
  EXPECT_EQ(votable.rows[0][0], VotableValue{"ivo://a/~?b1"});
  EXPECT_EQ(votable.rows[0][1], VotableValue{std::int64_t{15000}});
  EXPECT_EQ(votable.rows[0][2], VotableValue{11504.5});
  EXPECT_EQ(votable.rows[1][0], VotableValue{"ivo://a/~?b2"});
  EXPECT_EQ(votable.rows[1][1], VotableValue{});
  EXPECT_EQ(votable.rows[1][2], VotableValue{});
}

TEST(Votable, ReadsTabledata) {
  const auto votable = read_votable(plates());
  expect_the_two_plates(votable);
  EXPECT_TRUE(votable.has_table);
  EXPECT_FALSE(votable.truncated);
  EXPECT_EQ(votable.fields[2].unit, "d");
  EXPECT_EQ(votable.fields[2].ucd, "time.start;obs.exposure");
  EXPECT_EQ(votable.fields[1].null, "-1");
}

TEST(Votable, ReadsTheSameTableAsBinary) {
  const auto stream = Binary{}.text("ivo://a/~?b1").i64(15000).f64(11504.5).bytes() +
                      Binary{}.text("ivo://a/~?b2").i64(-1).f64(NAN).bytes();
  expect_the_two_plates(
      read_votable(votable_document(table(kFields, binary_stream("BINARY", test::base64_of(stream))))));
}

TEST(Votable, ReadsTheSameTableAsBinary2) {
  const auto stream = Binary{}.u8(0).text("ivo://a/~?b1").i64(15000).f64(11504.5).bytes() +
                      Binary{}.u8(0x60).text("ivo://a/~?b2").i64(0).f64(0).bytes();
  auto base64 = test::base64_of(stream);
  for (std::size_t at = 10; at < base64.size(); at += 11) base64.insert(at, "\n");
  expect_the_two_plates(read_votable(votable_document(table(kFields, binary_stream("BINARY2", base64)))));
}

TEST(Votable, ReadsAStreamOfNothingAsNoRows) {
  EXPECT_TRUE(read_votable(votable_document(table(kFields, binary_stream("BINARY", "")))).rows.empty());
}

TEST(Votable, ReadsElementsUnderAnyPrefix) {
  const auto votable =
      read_votable(R"(<v:VOTABLE xmlns:v="http://www.ivoa.net/xml/VOTable/v1.3"><v:RESOURCE type="results"><v:TABLE>)"
                   R"(<v:FIELD name="a" datatype="int"/><v:DATA><v:TABLEDATA><v:TR><v:TD>3</v:TD></v:TR></v:TABLEDATA>)"
                   R"(</v:DATA></v:TABLE></v:RESOURCE></v:VOTABLE>)");
  EXPECT_EQ(votable.rows, (VotableRows{{std::int64_t{3}}}));
}

TEST(Votable, ReadsADocumentWithDoctypeStylesheetAndByteOrderMark) {
  const auto votable = read_votable(
      "\xef\xbb\xbf<?xml version=\"1.0\"?><?xml-stylesheet href='/x.xsl' type='text/xsl'?>"
      "<!DOCTYPE VOTABLE SYSTEM \"http://us-vo.org/xml/VOTable.dtd\">" +
      plates());
  expect_the_two_plates(votable);
}

TEST(Votable, ReadsLatin1ThatSaysSoAndLatin1ThatDoesNot) {
  const auto field = R"(<FIELD name="a" datatype="char" arraysize="*"/>)";
  const auto document = votable_document(table(field, tabledata("<TR><TD>M\xfcnster</TD></TR>")));
  for (const auto* declaration :
       {"<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>", "", "<?xml version=\"1.0\" encoding=\"UTF-8\"?>"}) {
    EXPECT_EQ(read_votable(declaration + document).rows.at(0).at(0), VotableValue{"M\xc3\xbcnster"});
  }
}

TEST(Votable, ReadsCdataReferencesAndPiecesOfText) {
  const auto field = R"(<FIELD name="url" datatype="char" arraysize="*"/>)";
  const auto votable = read_votable(votable_document(
      table(field, tabledata("<TR><TD><![CDATA[http://a/?x=1&y=2]]></TD></TR><TR><TD>a&amp;b&#x2606;</TD></TR>"
                             "<TR><TD>one<!-- two -->three</TD></TR>"))));
  EXPECT_EQ(votable.rows[0][0], VotableValue{"http://a/?x=1&y=2"});
  EXPECT_EQ(votable.rows[1][0], VotableValue{"a&b\xe2\x98\x86"});
  EXPECT_EQ(votable.rows[2][0], VotableValue{"onethree"});
}

TEST(Votable, FillsUpShortRowsAndDropsSurplusCells) {
  const auto votable = read_votable(votable_document(
      table(kFields, tabledata("<TR><TD>x</TD></TR><TR><TD>y</TD><TD>1</TD><TD>2</TD><TD>3</TD></TR>"))));
  EXPECT_EQ(votable.rows[0], (std::vector<VotableValue>{"x", {}, {}}));
  EXPECT_EQ(votable.rows[1], (std::vector<VotableValue>{"y", std::int64_t{1}, 2.0}));
}

TEST(Votable, CountsRowsItselfWhateverNrowsSays) {
  auto document = plates();
  document.replace(document.find("<TABLE>"), 7, "<TABLE nrows=\"4000000000\">");
  EXPECT_EQ(read_votable(document).rows.size(), 2U);
}

TEST(Votable, TakesTheTableOfTheResultsWhereverItStands) {
  const auto other = "<RESOURCE>" + table(R"(<FIELD name="x" datatype="int"/>)", tabledata("")) + "</RESOURCE>";
  const auto results = "<RESOURCE type=\"results\">" + table(kFields, tabledata(kRows)) + "</RESOURCE>";
  expect_the_two_plates(read_votable("<VOTABLE>" + other + results + "</VOTABLE>"));
  expect_the_two_plates(read_votable("<VOTABLE>" + results + other + "</VOTABLE>"));
  expect_the_two_plates(read_votable("<VOTABLE><RESOURCE>" + results + "</RESOURCE></VOTABLE>"));
}

TEST(Votable, TakesTheOnlyTableWhereNoResourceSaysResults) {
  expect_the_two_plates(read_votable("<VOTABLE><RESOURCE type=\"meta\"/><RESOURCE>" + table(kFields, tabledata(kRows)) +
                                     "</RESOURCE></VOTABLE>"));
}

TEST(Votable, WithoutATableSaysSo) {
  EXPECT_FALSE(read_votable(votable_document("")).has_table);
  EXPECT_TRUE(read_votable(votable_document(table(kFields, ""))).has_table);
}

// --- status

TEST(VotableStatus, OfErrorIsTheServersOwnText) {
  const auto error =
      failure_of(votable_document("<INFO name=\"QUERY_STATUS\" value=\"ERROR\">Field query: no column foo</INFO>"));
  EXPECT_EQ(error.kind(), ErrorKind::Rejected);
  EXPECT_EQ(error.message(), "Field query: no column foo");
}

TEST(VotableStatus, IsTheLastOneThatIsGiven) {
  EXPECT_TRUE(read_votable(plates("<INFO name=\"QUERY_STATUS\" value=\"OK\"/>",
                                  "<INFO name=\"QUERY_STATUS\" value=\"OVERFLOW\"/>"))
                  .truncated);
  const auto error = failure_of(plates("<INFO name=\"QUERY_STATUS\" value=\"OK\"/>",
                                       "<INFO name=\"QUERY_STATUS\" value=\"ERROR\">lost the database</INFO>"));
  EXPECT_EQ(error.message(), "lost the database");
}

TEST(VotableStatus, IsReadInAnyCaseAndPlace) {
  EXPECT_TRUE(read_votable(votable_document(table(kFields, tabledata(kRows)),
                                            "<INFO name=\"query_status\" value=\" overflow \"/>"))
                  .truncated);
  EXPECT_TRUE(
      read_votable(votable_document("<TABLE><INFO name=\"QUERY_STATUS\" value=\"OVERFLOW\"/></TABLE>")).truncated);
  EXPECT_TRUE(read_votable(votable_document(table(kFields, ""), "", "<INFO name=\"QUERY_STATUS\" value=\"OVERFLOW\"/>"))
                  .truncated);
}

TEST(VotableStatus, IsReadAsContentOfItsElement) {
  EXPECT_TRUE(read_votable(plates("<INFO name=\"QUERY_STATUS\">OVERFLOW</INFO>")).truncated);
  EXPECT_EQ(failure_of(plates("<INFO name=\"QUERY_STATUS\">ERROR: no column foo</INFO>")).message(), "no column foo");
  EXPECT_EQ(failure_of(plates("<INFO name=\"QUERY_STATUS\" value=\"ERROR: no column foo\"/>")).message(),
            "no column foo");
  EXPECT_NO_THROW(read_votable(plates("<INFO name=\"QUERY_STATUS\">OK</INFO>")));
}

TEST(VotableStatus, OfTroubleIsNotUndoneByALaterOne) {
  EXPECT_TRUE(read_votable(plates("<INFO name=\"QUERY_STATUS\" value=\"OVERFLOW\"/>",
                                  "<INFO name=\"QUERY_STATUS\" value=\"OK\"/>"))
                  .truncated);
  EXPECT_EQ(failure_of(plates("<INFO name=\"QUERY_STATUS\" value=\"ERROR\">broken</INFO>",
                              "<INFO name=\"QUERY_STATUS\" value=\"OK\"/>"))
                .message(),
            "broken");
}

TEST(VotableStatus, ThatIsNoneOfTheStandardsIsTold) {
  EXPECT_EQ(read_votable(plates("<INFO name=\"QUERY_STATUS\" value=\"TIMEOUT after 3 s\"/>")).unknown_status,
            "TIMEOUT after 3 s");
  EXPECT_EQ(read_votable(plates()).unknown_status, "");
}

TEST(Votable, TakesTheNullThatAnotherColumnDeclares) {
  const auto votable = read_votable(votable_document(table(
      R"(<FIELD name="a" datatype="long"><VALUES ID="nulls" null="-1"/></FIELD><FIELD name="b" datatype="long"><VALUES ref="nulls"/></FIELD>)",
      tabledata("<TR><TD>-1</TD><TD>-1</TD></TR><TR><TD>2</TD><TD>3</TD></TR>"))));
  EXPECT_EQ(integer_of(votable.rows.at(0).at(1)), std::nullopt);
  EXPECT_EQ(integer_of(votable.rows.at(1).at(1)), 3);
}

TEST(VotableStatus, OfAServiceDescriptorIsNotTheAnswers) {
  EXPECT_NO_THROW(read_votable(
      votable_document(table(kFields, tabledata(kRows)), "",
                       "<RESOURCE type=\"meta\"><INFO name=\"QUERY_STATUS\" value=\"ERROR\">x</INFO></RESOURCE>")));
}

TEST(VotableStatus, IsToldInTheFourOldWays) {
  for (const auto* said :
       {R"(<INFO name="Error" value="bad RA"/>)", R"(<INFO ID="Error" value="bad RA"/>)",
        R"(<DEFINITIONS><PARAM name="Error" datatype="char" arraysize="*" value="bad RA"/></DEFINITIONS>)",
        R"(<RESOURCE><PARAM name="error" datatype="char" arraysize="*" value="bad RA"/></RESOURCE>)"}) {
    EXPECT_EQ(failure_of("<VOTABLE>" + std::string{said} + "</VOTABLE>").message(), "bad RA") << said;
  }
}

// --- service descriptors

constexpr std::string_view kLinksService =
    R"(<RESOURCE type="meta" utype="adhoc:service" ID="links" name="ls">)"
    R"(<PARAM name="standardID" datatype="char" arraysize="*" value="ivo://ivoa.net/std/DataLink#links-1.0"/>)"
    R"(<GROUP name="inputParams"><PARAM name="ID" datatype="char" arraysize="*" value="" ref="did"/>)"
    R"(<PARAM name="RA" datatype="double" arraysize="2" xtype="interval" unit="deg" value="">)"
    R"(<VALUES><MIN value="-3"/><MAX value="5"/><OPTION value="a"/><OPTION value="b"/></VALUES></PARAM></GROUP>)"
    R"(<PARAM name="accessURL" datatype="char" arraysize="*" value=" http://a/dlmeta "/></RESOURCE>)";

void expect_the_links_service(const Votable& votable) {
  ASSERT_EQ(votable.services.size(), 1U);
  const auto& service = votable.services[0];
  EXPECT_EQ(service.id, "links");
  EXPECT_EQ(service.name, "ls");
  EXPECT_EQ(service.access_url, "http://a/dlmeta");
  EXPECT_TRUE(service.is("ivo://ivoa.net/std/datalink#links"));
  ASSERT_EQ(service.inputs.size(), 2U);
  EXPECT_EQ(service.inputs[0].ref, "did");
  EXPECT_EQ(service.inputs[1].min, "-3");
  EXPECT_EQ(service.inputs[1].max, "5");
  EXPECT_EQ(service.inputs[1].options, (std::vector<std::string>{"a", "b"}));
}

TEST(VotableServices, StandBeforeAfterOrInTheResults) {
  const auto rows = table(kFields, tabledata(kRows));
  for (const auto& document : {votable_document(rows, kLinksService), votable_document(rows, "", kLinksService),
                               votable_document(rows + std::string{kLinksService})}) {
    const auto votable = read_votable(document);
    expect_the_links_service(votable);
    expect_the_two_plates(votable);
  }
}

TEST(VotableServices, KeepTheirInputGroupsApartFromOthers) {
  const auto votable = read_votable(
      votable_document("", R"(<RESOURCE utype="ADHOC:service"><GROUP name="other"><PARAM name="a"/></GROUP>)"
                           R"(<GROUP ID="inputParams"><PARAM name="b"/></GROUP></RESOURCE>)"));
  ASSERT_EQ(votable.services.size(), 1U);
  ASSERT_EQ(votable.services[0].inputs.size(), 1U);
  EXPECT_EQ(votable.services[0].inputs[0].name, "b");
}

// --- what is broken, cut off or no VOTable

TEST(BrokenVotable, IsRefusedWhereverItIsCutOff) {
  const auto whole = plates();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_THROW(read_votable(whole.substr(0, size)), Error) << whole.substr(0, size);
  }
}

TEST(BrokenVotable, IsRefusedWhenItsBase64IsCutOff) {
  const auto base64 = Binary{}.text("ivo://a/~?b1").i64(15000).f64(11504.5).base64();
  for (std::size_t size = 1; size < base64.size(); ++size) {
    const auto document = votable_document(table(kFields, binary_stream("BINARY", base64.substr(0, size))));
    EXPECT_EQ(failure_of(document).kind(), ErrorKind::Malformed);
  }
}

TEST(BrokenVotable, IsToldFromOtherDocumentsByItsFirstWords) {
  const auto error = failure_of("<html><head><title>Sign in please</title></head><body/></html>");
  EXPECT_EQ(error.kind(), ErrorKind::Malformed);
  EXPECT_THAT(error.message(), testing::HasSubstr("Sign in please"));
  EXPECT_EQ(failure_of("").kind(), ErrorKind::Malformed);
  EXPECT_EQ(failure_of("{\"error\": 1}").kind(), ErrorKind::Malformed);
}

TEST(BrokenVotable, DoesNotPassForATableKeptElsewhere) {
  const auto href = votable_document(table(kFields, R"(<BINARY><STREAM href="file:///etc/passwd"/></BINARY>)"));
  EXPECT_EQ(failure_of(href).kind(), ErrorKind::Malformed);
  EXPECT_THAT(failure_of(votable_document(table(kFields, "<FITS><STREAM/></FITS>"))).message(),
              testing::HasSubstr("FITS"));
  EXPECT_THAT(failure_of(votable_document(table(kFields, R"(<BINARY><STREAM encoding="dynamic">x</STREAM></BINARY>)")))
                  .message(),
              testing::HasSubstr("dynamic"));
}

constexpr std::string_view kOddFields =
    R"(<FIELD name="s_region" datatype="double" arraysize="many"/><FIELD name="s_xel1" datatype="int"/>)";

TEST(BrokenVotable, OfOneUnreadableArraysizeIsReadWhereItsCellsAreText) {
  const auto votable =
      read_votable(votable_document(table(kOddFields, tabledata("<TR><TD>1.5  2</TD><TD>7</TD></TR>"))));
  EXPECT_EQ(votable.rows.at(0).at(0), VotableValue{"1.5 2"});
  EXPECT_EQ(votable.rows.at(0).at(1), VotableValue{std::int64_t{7}});
}

TEST(BrokenVotable, NamesTheFieldWhoseBinaryCellsHaveNoEnd) {
  const auto stream = test::base64_of(Binary{}.f64(1.5).f64(2).bytes());
  const auto odd = [&](std::string_view form) {
    return failure_of(votable_document(table(kOddFields, binary_stream(std::string{form}, stream)))).message();
  };
  EXPECT_THAT(odd("BINARY"), testing::HasSubstr("FIELD s_region"));
  EXPECT_THAT(odd("BINARY2"), testing::HasSubstr("\"many\""));
  EXPECT_TRUE(read_votable(votable_document(table(kOddFields, binary_stream("BINARY", "")))).rows.empty());
  const auto unknown =
      votable_document(table(R"(<FIELD name="t_min" datatype="date"/>)", binary_stream("BINARY", stream)));
  EXPECT_THAT(failure_of(unknown).message(), testing::HasSubstr("FIELD t_min"));
}

// --- hostile documents: each of these ends soon, in an error or a small table

TEST(HostileVotable, GainsNothingByEntities) {
  std::string bomb = "<?xml version=\"1.0\"?><!DOCTYPE VOTABLE [<!ENTITY a0 \"ha\">";
  for (int i = 1; i < 40; ++i) {
    const auto last = std::to_string(i - 1);
    bomb += "<!ENTITY a" + std::to_string(i) + " \"&a" + last + ";&a" + last + ";\">";
  }
  bomb += "<!ENTITY f SYSTEM \"file:///etc/passwd\">]>";
  const auto field = R"(<FIELD name="a" datatype="char" arraysize="*"/>)";
  const auto votable =
      read_votable(bomb + votable_document(table(field, tabledata("<TR><TD>&a39;</TD></TR><TR><TD>&f;</TD></TR>"))));
  EXPECT_EQ(votable.rows.at(0).at(0), VotableValue{"&a39;"});
  EXPECT_EQ(votable.rows.at(1).at(0), VotableValue{"&f;"});
}

std::string repeated(std::string_view piece, std::size_t times) {
  std::string text;
  text.reserve(piece.size() * times);
  for (std::size_t i = 0; i < times; ++i) text += piece;
  return text;
}

TEST(HostileVotable, DoesNotExhaustTheStackByNesting) {
  constexpr std::size_t kDeep = 200'000;
  for (const auto* name : {"RESOURCE", "DEFINITIONS", "GROUP", "other"}) {
    const auto open = "<" + std::string{name} + ">", close = "</" + std::string{name} + ">";
    const auto document = "<VOTABLE>" + repeated(open, kDeep) + repeated(close, kDeep) + "</VOTABLE>";
    try {
      EXPECT_TRUE(read_votable(document).rows.empty());
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::Malformed);
    }
  }
}

TEST(HostileVotable, MayNotHaveEndlesslyManyFields) {
  for (const auto* piece : {"<FIELD/>", "<INFO/>", "<PARAM/>", R"(<RESOURCE utype="adhoc:service"/>)"}) {
    const auto many = repeated(piece, 200'000);
    const auto inside = std::string_view{piece} == "<FIELD/>" ? "<TABLE>" + many + "</TABLE>" : many;
    EXPECT_EQ(failure_of(votable_document(inside)).kind(), ErrorKind::Malformed) << piece;
  }
}

TEST(HostileVotable, IsToldWhichLimitItPasses) {
  const auto message_of = [](const std::string& inside) { return failure_of(votable_document(inside)).message(); };
  EXPECT_THAT(message_of("<TABLE>" + repeated("<FIELD/>", 10'001) + "</TABLE>"),
              testing::HasSubstr("more than 10000 FIELDs"));
  EXPECT_THAT(message_of(repeated(R"(<RESOURCE utype="adhoc:service"/>)", 10'001)),
              testing::HasSubstr("more than 10000 service descriptors"));
  EXPECT_THAT(message_of(repeated("<RESOURCE>", 60) + repeated("</RESOURCE>", 60)),
              testing::HasSubstr("more than 50 deep"));
  EXPECT_THAT(message_of("<RESOURCE utype=\"adhoc:service\"><GROUP name=\"inputParams\">" +
                         repeated("<PARAM/>", 10'001) + "</GROUP></RESOURCE>"),
              testing::HasSubstr("more than 10000 inputs"));
  EXPECT_THAT(message_of("<TABLE><FIELD><VALUES>" + repeated("<OPTION/>", 10'001) + "</VALUES></FIELD></TABLE>"),
              testing::HasSubstr("more than 10000 OPTIONs"));
  const auto fields = repeated("<FIELD datatype=\"int\"/>", 1000);
  EXPECT_THAT(message_of(table(fields, tabledata(repeated("<TR/>", 40'000)))),
              testing::HasSubstr("more than 256 MiB of memory"));
}

TEST(HostileVotable, MayNotMakeManyCellsOfEmptyRows) {
  const auto fields = repeated("<FIELD datatype=\"int\"/>", 1000);
  EXPECT_EQ(failure_of(votable_document(table(fields, tabledata(repeated("<TR/>", 40'000))))).kind(),
            ErrorKind::Malformed);
}

TEST(HostileVotable, MayNotHaveEndlesslyManyElementsOrAttributes) {
  EXPECT_EQ(failure_of(votable_document(repeated("<a/>", 13'000'000))).kind(), ErrorKind::Malformed);
  EXPECT_EQ(failure_of("<VOTABLE " + repeated("a='' ", 13'000'000) + "/>").kind(), ErrorKind::Malformed);
}

}  // namespace
}  // namespace platefs::vo
