// SPDX-License-Identifier: BSD-3-Clause
#include "vo/services/tap_upload.h"

#include "tests/support/votable_builder.h"
#include "vo/base/error.h"
#include "vo/services/obscore.h"

namespace platefs::vo {
namespace {

using testing::HasSubstr;

IcrsPosition at(double ra, double dec) { return IcrsPosition::at(Angle::degrees(ra), Angle::degrees(dec)); }

TapService gavo() { return {.name = "gavo", .url = Url::parse("http://dc.g-vo.org/tap/")}; }

/// Two plates of target 1, none of target 0, one of target 2; with a service of links.
constexpr const char* kJoined =
    "<VOTABLE><RESOURCE type=\"results\"><INFO name=\"server\" value=\"gavo\"/>"
    "<INFO name=\"QUERY_STATUS\" value=\"OK\">well</INFO><TABLE>"
    "<FIELD ID=\"n\" name=\"platefs_target\" datatype=\"int\"/>"
    "<FIELD ID=\"did\" name=\"obs_publisher_did\" datatype=\"char\" arraysize=\"*\"/>"
    "<FIELD ID=\"t\" name=\"t_min\" datatype=\"double\" unit=\"d\"/><DATA><TABLEDATA>"
    "<TR><TD>1</TD><TD>ivo://a</TD><TD>11504.5</TD></TR>"
    "<TR><TD>2</TD><TD>ivo://a</TD><TD>11504.5</TD></TR>"
    "<TR><TD>1</TD><TD>ivo://b</TD><TD></TD></TR></TABLEDATA></DATA></TABLE></RESOURCE>"
    "<RESOURCE type=\"meta\" utype=\"adhoc:service\"><GROUP name=\"inputParams\">"
    "<PARAM name=\"ID\" datatype=\"char\" arraysize=\"*\" ref=\"did\" value=\"\"/></GROUP>"
    "<PARAM name=\"standardID\" datatype=\"char\" arraysize=\"*\" "
    "value=\"ivo://ivoa.net/std/DataLink#links-1.0\"/>"
    "<PARAM name=\"accessURL\" datatype=\"char\" arraysize=\"*\" value=\"http://a/dl?x&amp;y\"/>"
    "</RESOURCE></VOTABLE>";

TEST(PlatesJoin, AsksWhatTheSingleQueryAsksOfEachUploadedPosition) {
  auto service = gavo();
  service.excluded_collections = {"%RASS%"};
  service.where = "t_max < 20000 OR t_max IS NULL";
  EXPECT_EQ(plates_join_adql(service, PlaceForm::Region),
            "SELECT t.platefs_target, o.* FROM ivoa.obscore AS o JOIN TAP_UPLOAD.platefs_targets AS t "
            "ON 1 = CONTAINS(POINT('ICRS', t.platefs_ra, t.platefs_dec), o.s_region) "
            "WHERE o.dataproduct_type = 'image' AND NOT o.obs_collection LIKE '%RASS%' "
            "AND (t_max < 20000 OR t_max IS NULL) ORDER BY t_min");
}

TEST(PlatesJoin, SendsThePositionsAsANumberedTable) {
  const std::vector positions{at(156.01124674021, 48.14753874736), at(0.00001, -20)};
  const auto request = plates_join_query(gavo(), PlaceForm::Region, positions);
  EXPECT_EQ(request.url.text(), "http://dc.g-vo.org/tap/sync");
  EXPECT_TRUE(request.is_post());
  ASSERT_EQ(request.parts.size(), 6u);
  EXPECT_EQ(request.parts[3].name, "QUERY");
  EXPECT_EQ(request.parts[4].content, "platefs_targets,param:platefs_targets");
  EXPECT_EQ(request.parts[5].name, "platefs_targets");
  EXPECT_EQ(request.parts[5].media_type, "application/x-votable+xml");
  const auto table = read_votable(request.parts[5].content);
  ASSERT_EQ(table.rows.size(), 2u);
  EXPECT_EQ(integer_of(table.rows[1][0]), 1);
  EXPECT_EQ(number_of(table.rows[0][1]), 156.01124674021);
  EXPECT_EQ(number_of(table.rows[1][1]), 0.00001);
  EXPECT_EQ(number_of(table.rows[1][2]), -20);
}

TEST(PlatesJoin, IsSplitAsIfEachPositionHadBeenAskedForAlone) {
  const auto documents = plates_by_position(read_votable(kJoined), 3);
  ASSERT_EQ(documents.size(), 3u);
  const auto table = plates_from(read_votable(documents[1]), "gavo");
  ASSERT_EQ(table.plates.size(), 2u);
  EXPECT_EQ(table.plates[0].obs_publisher_did, "ivo://a");
  EXPECT_EQ(table.plates[0].t_min, 11504.5);
  EXPECT_EQ(table.plates[1].obs_publisher_did, "ivo://b");
  EXPECT_EQ(table.plates[1].t_min, std::nullopt);
  EXPECT_EQ(table.table.column("platefs_target"), -1);
  EXPECT_EQ(table.table.fields[1].unit, "d");
  EXPECT_FALSE(table.truncated);
}

TEST(PlatesJoin, KeepsTheLinksServiceOfTheAnswer) {
  for (const auto& document : plates_by_position(read_votable(kJoined), 3)) {
    const auto table = plates_from(read_votable(document), "gavo");
    ASSERT_TRUE(table.links_service);
    EXPECT_EQ(table.links_service->access_url, "http://a/dl?x&y");
    EXPECT_EQ(table.links_id_column, 0);
  }
}

TEST(PlatesJoin, KeepsTheDeclarationsOfItsColumns) {
  const auto joined = test::votable_document(test::table(
      R"(<FIELD name="platefs_target" datatype="int"/><FIELD name="obs_publisher_did" datatype="unicodeChar" arraysize="*"/>)"
      R"(<FIELD name="one" datatype="char"/><FIELD name="short" datatype="short"/><FIELD name="byte" datatype="unsignedByte"/>)"
      R"(<FIELD name="mjd" datatype="double" xtype="mjd"/>)",
      test::tabledata("<TR><TD>0</TD><TD>ivo://a</TD><TD>A</TD><TD/><TD>255</TD><TD>1</TD></TR>"
                      "<TR><TD>0</TD><TD>ivo://b</TD><TD/><TD>-1</TD><TD>0</TD><TD/></TR>"
                      "<TR><TD>0</TD><TD>ivo://c</TD><TD/><TD>-32768</TD><TD/><TD>NaN</TD></TR>")));
  const auto asked = read_votable(joined), split = read_votable(plates_by_position(asked, 1)[0]);
  ASSERT_EQ(split.fields.size() + 1, asked.fields.size());
  for (std::size_t i = 0; i < split.fields.size(); ++i) {
    EXPECT_EQ(split.fields[i].datatype, asked.fields[i + 1].datatype) << split.fields[i].name;
    EXPECT_EQ(split.fields[i].arraysize, asked.fields[i + 1].arraysize) << split.fields[i].name;
    EXPECT_EQ(split.fields[i].xtype, asked.fields[i + 1].xtype) << split.fields[i].name;
    for (std::size_t row = 0; row < 3; ++row)
      EXPECT_EQ(split.rows[row][i], asked.rows[row][i + 1]) << row << split.fields[i].name;
  }
}

TEST(PlatesJoin, GivesAPositionWithoutPlatesAnEmptyTable) {
  const auto table = plates_from(read_votable(plates_by_position(read_votable(kJoined), 3)[0]), "gavo");
  EXPECT_TRUE(table.plates.empty());
  EXPECT_EQ(table.table.fields.size(), 2u);
  EXPECT_EQ(table.table.fields[0].name, "obs_publisher_did");
}

TEST(PlatesJoin, RefusesRowsThatBelongToNobody) {
  EXPECT_THROW(plates_by_position(read_votable(kJoined), 2), Error);
  EXPECT_THROW(plates_by_position(Votable{}, 2), Error);
}

}  // namespace
}  // namespace platefs::vo
