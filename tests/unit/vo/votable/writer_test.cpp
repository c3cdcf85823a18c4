// SPDX-License-Identifier: BSD-3-Clause
#include "vo/votable/writer.h"

#include <rapidcheck/gtest.h>

#include <cmath>
#include <limits>

#include "vo/base/utf8.h"

namespace platefs::vo {
namespace {

VotableField field(const std::string& name, const std::string& datatype, const std::string& arraysize = {}) {
  VotableField field;
  field.name = name;
  field.datatype = datatype;
  field.arraysize = arraysize;
  return field;
}

VotableDocument plates() {
  VotableDocument document;
  document.table_name = "plates";
  document.description = "Plates of <156+48> & more";
  document.infos = {{"QUERY_STATUS", "OVERFLOW", "cut \"short\""}};
  document.fields = {field("obs_id", "char", "*"), field("s_ra", "double"), field("t_min", "double"),
                     field("s_xel1", "long"), field("calibrated", "boolean")};
  document.rows = {{"i00811 <a&b>", 156.01124674021, 11504.5, std::int64_t{15000}, true},
                   {"M\xc3\xbcnster", {}, {}, {}, {}},
                   {{}, std::numeric_limits<double>::infinity()}};
  return document;
}

TEST(VotableText, IsReadBackAsItWas) {
  const auto read = read_votable(votable_text(plates()));
  EXPECT_EQ(read.rows, plates().rows);
  EXPECT_TRUE(read.truncated);
  ASSERT_EQ(read.infos.size(), 1U);
  EXPECT_EQ(read.infos[0].text, "cut \"short\"");
}

TEST(VotableText, RefersToTheSystemsOfPositionsAndTimes) {
  const auto text = votable_text(plates());
  EXPECT_THAT(text, testing::HasSubstr("<COOSYS ID=\"sky_system\" system=\"ICRS\"/>"));
  EXPECT_THAT(text, testing::HasSubstr("timescale=\"UTC\""));
  EXPECT_THAT(text, testing::HasSubstr("name=\"s_ra\" datatype=\"double\" ref=\"sky_system\""));
  EXPECT_THAT(text, testing::HasSubstr("name=\"t_min\" datatype=\"double\" ref=\"time_system\""));
}

TEST(VotableText, NeedsNoSystemsWhereThereAreNoSuchColumns) {
  VotableDocument document;
  document.fields = {field("plate", "char", "*")};
  EXPECT_THAT(votable_text(document), testing::Not(testing::HasSubstr("SYS")));
}

TEST(VotableText, LeavesOutXtypesThatNobodyKnows) {
  VotableDocument document;
  document.fields = {field("a", "double"), field("b", "char", "*"), field("c", "double", "*")};
  document.fields[0].xtype = "mjd";
  document.fields[1].xtype = "timestamp";
  document.fields[2].xtype = "polygon";
  const auto read = read_votable(votable_text(document));
  EXPECT_EQ(read.fields[0].xtype, "");
  EXPECT_EQ(read.fields[1].xtype, "timestamp");
  EXPECT_EQ(read.fields[2].xtype, "polygon");
}

TEST(VotableText, KeepsAnIdOnlyWhereItIsOneAndUnique) {
  VotableDocument document;
  document.fields = {field("a", "int"), field("b", "int"), field("c", "int"), field("d", "int")};
  document.fields[0].id = "same";
  document.fields[1].id = "same";
  document.fields[2].id = "1 not a name";
  document.fields[3].id = "sky_system";
  const auto read = read_votable(votable_text(document));
  EXPECT_EQ(read.fields[0].id, "same");
  for (std::size_t i = 1; i < 4; ++i) EXPECT_EQ(read.fields[i].id, "");
}

TEST(VotableText, GivesAColumnWithoutANameOne) {
  VotableDocument document;
  document.fields = {field("", "int")};
  EXPECT_EQ(read_votable(votable_text(document)).fields[0].name, "column_1");
}

TEST(VotableText, CarriesServicesWhoseInputsReferToItsFields) {
  VotableDocument document;
  document.fields = {field("obs_publisher_did", "char", "*")};
  document.fields[0].id = "did";
  ServiceDescriptor service{"svc", "links", "http://a/dl?x&y", "ivo://ivoa.net/std/DataLink#links-1.0", "text/xml", {}};
  service.inputs = {field("ID", "char", "*"), field("SCALE", "int"), field("LOST", "char", "*")};
  service.inputs[0].ref = "did";
  service.inputs[1].value = "2";
  service.inputs[1].min = "1";
  service.inputs[1].max = "32";
  service.inputs[1].options = {"1", "2"};
  service.inputs[2].ref = "nowhere";
  document.services = {service};
  const auto read = read_votable(votable_text(document));
  ASSERT_EQ(read.services.size(), 1U);
  const auto& written = read.services[0];
  EXPECT_EQ(written.id, "svc");
  EXPECT_EQ(written.name, "links");
  EXPECT_EQ(written.access_url, service.access_url);
  EXPECT_EQ(written.standard_id, service.standard_id);
  EXPECT_EQ(written.content_type, "text/xml");
  ASSERT_EQ(written.inputs.size(), 3U);
  EXPECT_EQ(written.inputs[0].ref, "did");
  EXPECT_EQ(written.inputs[1].value, "2");
  EXPECT_EQ(written.inputs[1].max, "32");
  EXPECT_EQ(written.inputs[1].options.size(), 2U);
  EXPECT_EQ(written.inputs[2].ref, "");
}

rc::Gen<std::string> shown_text() {
  // White space at the ends is no part of a cell, and an empty cell is null.
  return rc::gen::map(rc::gen::nonEmpty(rc::gen::string<std::string>()), [](const std::string& text) {
    std::string shown;
    for (const char c : text) shown += static_cast<unsigned char>(c) < 0x21 || c == 0x7f ? '_' : c;
    return as_utf8(shown);
  });
}

RC_GTEST_PROP(VotableTextProperty, TextComesBackAsItWas, ()) {
  const auto texts = *rc::gen::container<std::vector<std::string>>(shown_text());
  VotableDocument document;
  document.fields = {field("a", "char", "*")};
  for (const auto& text : texts) document.rows.push_back({text});
  RC_ASSERT(read_votable(votable_text(document)).rows == document.rows);
}

RC_GTEST_PROP(VotableTextProperty, NumbersAndNullsComeBackAsTheyWere,
              (const std::vector<std::pair<double, std::int64_t>>& numbers)) {
  VotableDocument document;
  document.fields = {field("a", "double"), field("b", "short")};
  for (const auto& [real, integer] : numbers) {
    document.rows.push_back({std::isnan(real) ? VotableValue{} : VotableValue{real},
                             integer % 3 == 0 ? VotableValue{} : VotableValue{integer}});
  }
  RC_ASSERT(read_votable(votable_text(document)).rows == document.rows);
}

}  // namespace
}  // namespace platefs::vo
