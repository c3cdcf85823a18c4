// SPDX-License-Identifier: BSD-3-Clause
#include "vo/services/obscore.h"

#include <set>

#include "tests/support/votable_builder.h"
#include "vo/base/error.h"

namespace platefs::vo {
namespace {

using test::table;
using test::tabledata;
using test::votable_document;

constexpr std::string_view kLinksService =
    R"(<RESOURCE type="meta" utype="adhoc:service" name="links">)"
    R"(<PARAM name="standardID" datatype="char" arraysize="*" value="ivo://ivoa.net/std/DataLink#links-1.0"/>)"
    R"(<PARAM name="accessURL" datatype="char" arraysize="*" value="http://a/dlmeta"/>)"
    R"(<GROUP name="inputParams"><PARAM name="ID" datatype="char" arraysize="*" ref="did" value=""/></GROUP>)"
    R"(</RESOURCE>)";

PlateTable plates(std::string_view fields, std::string_view rows, std::string_view after = {}) {
  return plates_from(read_votable(votable_document(table(fields, tabledata(rows)), "", after)), "gavo");
}

constexpr std::string_view kDachsFields =
    R"(<FIELD name="dataproduct_type" datatype="char" arraysize="*"/>)"
    R"(<FIELD name="obs_collection" datatype="char" arraysize="*"/>)"
    R"(<FIELD ID="did" name="obs_publisher_did" datatype="char" arraysize="*"/>)"
    R"(<FIELD name="access_url" datatype="char" arraysize="*"/>)"
    R"(<FIELD name="access_format" datatype="char" arraysize="*"/>)"
    R"(<FIELD name="access_estsize" datatype="long"><VALUES null="-1"/></FIELD>)"
    R"(<FIELD name="s_ra" datatype="double"/><FIELD name="s_dec" datatype="double"/>)"
    R"(<FIELD name="t_min" datatype="double"/><FIELD name="t_exptime" datatype="float"/>)"
    R"(<FIELD name="s_xel1" datatype="long"/>)";

TEST(PlatesFrom, ReadsTheColumnsOfDachs) {
  const auto answer =
      plates(kDachsFields,
             "<TR><TD>image</TD><TD>DASCH</TD><TD>ivo://org.gavo.dc/~?dasch/q/i00811</TD><TD>http://a/i00811</TD>"
             "<TD>image/fits</TD><TD>1013326</TD><TD>156.0</TD><TD>48.1</TD><TD>11504.5</TD><TD>3600.5</TD>"
             "<TD>15000</TD></TR>");
  ASSERT_EQ(answer.plates.size(), 1U);
  const auto& plate = answer.plates[0];
  EXPECT_EQ(plate.archive, "gavo");
  EXPECT_EQ(plate.obs_publisher_did, "ivo://org.gavo.dc/~?dasch/q/i00811");
  EXPECT_EQ(plate.obs_collection, "DASCH");
  EXPECT_EQ(plate.access_estsize_kb, 1013326U);
  EXPECT_EQ(plate.s_ra, 156.0);
  EXPECT_EQ(plate.t_min, 11504.5);
  EXPECT_EQ(plate.t_exptime, 3600.5);
  EXPECT_EQ(plate.s_xel1, 15000);
  EXPECT_TRUE(plate.is_fits());
  EXPECT_FALSE(plate.is_datalink());
}

TEST(PlatesFrom, ReadsUnknownSizesAndTimesAsNothing) {
  const auto answer = plates(kDachsFields,
                             "<TR><TD/><TD/><TD>did</TD><TD/><TD/><TD>-1</TD><TD>NaN</TD><TD/><TD>Inf</TD><TD>NaN</TD>"
                             "<TD>0</TD></TR>");
  const auto& plate = answer.plates.at(0);
  EXPECT_EQ(plate.access_estsize_kb, std::nullopt);
  EXPECT_EQ(plate.s_ra, std::nullopt);
  EXPECT_EQ(plate.t_min, std::nullopt);
  EXPECT_EQ(plate.t_exptime, std::nullopt);
  EXPECT_EQ(plate.s_xel1, std::nullopt);
}

TEST(PlatesFrom, TakesNoDateOutsideTheYearsOfFourDigitsForOne) {
  const auto answer = plates(R"(<FIELD name="access_url" datatype="char" arraysize="*"/>)"
                             R"(<FIELD name="t_min" datatype="double"/>)",
                             "<TR><TD>http://a/1</TD><TD>1e308</TD></TR><TR><TD>http://a/2</TD><TD>-1e9</TD></TR>"
                             "<TR><TD>http://a/3</TD><TD>-678575</TD></TR>");
  EXPECT_EQ(answer.plates.at(0).t_min, std::nullopt);
  EXPECT_EQ(answer.plates.at(1).t_min, std::nullopt);
  EXPECT_EQ(answer.plates.at(2).t_min, -678575.0);
}

TEST(PlatesFrom, TakesWordsAloneForTheReasonWhyAPlateIsUnsolved) {
  const auto reason = [](std::string_view datatype, std::string_view cell) {
    return plates(fmt::format(R"(<FIELD name="access_url" datatype="char" arraysize="*"/>
                                 <FIELD name="unsolved" datatype="{}" arraysize="{}"/>)",
                              datatype, datatype == "char" ? "*" : "1"),
                  fmt::format("<TR><TD>http://a/1.fits</TD><TD>{}</TD></TR>", cell))
        .plates.at(0)
        .unsolved.str();
  };
  EXPECT_EQ(reason("char", "too few stars"), "too few stars");
  EXPECT_EQ(reason("char", ""), "");
  EXPECT_EQ(reason("boolean", "F"), "") << "would hide all plates of such a table";
  EXPECT_EQ(reason("int", "0"), "");
}

TEST(PlatesFrom, FindsColumnsInAnyOrderAndCase) {
  const auto answer = plates(R"(<FIELD name="T_MIN" datatype="double"/>)"
                             R"(<FIELD name="Obs_Publisher_DID" datatype="char" arraysize="*"/>)",
                             "<TR><TD>20005</TD><TD>ivo://x</TD></TR>");
  EXPECT_EQ(answer.plates.at(0).obs_publisher_did, "ivo://x");
  EXPECT_EQ(answer.plates.at(0).t_min, 20005.0);
}

TEST(PlatesFrom, FindsColumnsOfOtherNamesByTheirUtypes) {
  const auto answer = plates(
      R"(<FIELD name="publisher" utype="obscore:curation.publisherdid" datatype="char" arraysize="*"/>)"
      R"(<FIELD name="url" utype="obscore:Access.Reference" datatype="char" arraysize="*"/>)"
      R"(<FIELD name="size" utype="obscore:access.size" datatype="long"/>)"
      R"(<FIELD name="ra" datatype="double" )"
      R"(utype="obscore:Char.SpatialAxis.Coverage.Location.Coord.Position2D.Value2.C1"/>)"
      R"(<FIELD name="start" utype="obscore:Char.TimeAxis.Coverage.Bounds.Limits.StartTime" datatype="double"/>)",
      "<TR><TD>ivo://x</TD><TD>http://a/x.fits</TD><TD>12</TD><TD>156</TD><TD>20005</TD></TR>");
  const auto& plate = answer.plates.at(0);
  EXPECT_EQ(plate.obs_publisher_did, "ivo://x");
  EXPECT_EQ(plate.access_url, "http://a/x.fits");
  EXPECT_EQ(plate.access_estsize_kb, 12U);
  EXPECT_EQ(plate.s_ra, 156.0);
  EXPECT_EQ(plate.t_min, 20005.0);
}

TEST(PlatesFrom, NamesAPlateByItsUrlWhereItHasNoIdentifierAndDropsItWithoutBoth) {
  const auto answer = plates(R"(<FIELD name="access_url" datatype="char" arraysize="*"/>)",
                             "<TR><TD/></TR><TR><TD>http://a/x.fits</TD></TR>");
  ASSERT_EQ(answer.plates.size(), 1U);
  EXPECT_EQ(answer.plates[0].obs_publisher_did, "http://a/x.fits");
  EXPECT_EQ(answer.plates[0].row, 1U);
}

TEST(PlatesFrom, FindsTheFurtherRowsOfADatasetWithUrlsOfTheirOwn) {
  const auto answer = plates(R"(<FIELD name="obs_publisher_did" datatype="char" arraysize="*"/>)"
                             R"(<FIELD name="access_url" datatype="char" arraysize="*"/>)",
                             "<TR><TD>x</TD><TD>http://a/1</TD></TR><TR><TD>y</TD><TD>http://a/2</TD></TR>"
                             "<TR><TD>x</TD><TD>http://a/3</TD></TR><TR><TD>x</TD><TD>http://a/1</TD></TR>"
                             "<TR><TD>x</TD><TD/></TR>");
  EXPECT_EQ(answer.plates.at(0).further_rows, std::vector<std::size_t>{2});
  for (std::size_t i = 1; i < answer.plates.size(); ++i) EXPECT_TRUE(answer.plates[i].further_rows.empty());
}

constexpr const char* kExposureFields = R"(<FIELD name="obs_publisher_did" datatype="char" arraysize="*"/>)"
                                        R"(<FIELD name="access_url" datatype="char" arraysize="*"/>)"
                                        R"(<FIELD name="t_min" datatype="double"/>)"
                                        R"(<FIELD name="s_region" datatype="char" arraysize="*"/>)"
                                        R"(<FIELD name="obs_title" datatype="char" arraysize="*"/>)"
                                        R"(<FIELD name="obs_id" datatype="char" arraysize="*"/>)";

std::string exposure_row(const std::string& url, const std::string& t_min, const std::string& region = "r",
                         const std::string& title = "t", const std::string& id = "i") {
  std::string row = "<TR><TD>did</TD>";
  for (const auto& cell : {url, t_min, region, title, id}) row += "<TD>" + cell + "</TD>";
  return row + "</TR>";
}

/// Different exposures among the rows of one identifier.
std::size_t exposures_in(const std::string& rows) {
  std::set<Text> exposures;
  for (const auto& plate : plates(kExposureFields, rows).plates) exposures.insert(plate.exposure);
  return exposures.size();
}

TEST(PlatesFrom, TellsRowsOfOneIdentifierApartByDateRegionOrTitle) {
  const auto first = exposure_row("u", "11504.5");
  EXPECT_EQ(exposures_in(first + exposure_row("u", "13000")), 2U);
  EXPECT_EQ(exposures_in(first + exposure_row("u", "11504.5", "elsewhere")), 2U);
  EXPECT_EQ(exposures_in(first + exposure_row("u", "11504.5", "r", "second field")), 2U);
  // In whatever else they differ: where they name one file, they are no forms of it.
  EXPECT_EQ(exposures_in(first + exposure_row("u", "11504.5", "r", "t", "another id")), 2U);
}

TEST(PlatesFrom, TakesRowsWithUrlsOfTheirOwnForFormsOfOneExposure) {
  const auto answer = plates(kExposureFields, exposure_row("u", "1") + exposure_row("v", "1") + exposure_row("w", "2"));
  EXPECT_EQ(answer.plates.at(0).exposure, answer.plates.at(1).exposure);
  EXPECT_EQ(answer.plates.at(0).further_rows, std::vector<std::size_t>{1});
  EXPECT_NE(answer.plates.at(0).exposure, answer.plates.at(2).exposure);
  EXPECT_EQ(answer.forms, 1U);
}

TEST(PlatesFrom, KeepsOneOfExactCopiesAndCountsTheOthers) {
  const auto row = exposure_row("u", "11504.5");
  const auto answer = plates(kExposureFields, row + exposure_row("u", "2") + row + row);
  EXPECT_EQ(answer.plates.size(), 2U);
  EXPECT_EQ(answer.copies, 2U);
}

TEST(PlatesFrom, ExposuresShareTheirFilesUnlessTheirUrlsDiffer) {
  const auto shared = plates(kExposureFields, exposure_row("u", "1") + exposure_row("u", "2"));
  for (const auto& plate : shared.plates) EXPECT_EQ(plate.own_files, "");
  const auto apart = plates(kExposureFields, exposure_row("u", "1") + exposure_row("v", "2"));
  EXPECT_NE(apart.plates.at(0).own_files, apart.plates.at(1).own_files);
}

TEST(PlatesFrom, TellsExposuresApartInTheSameWayInEveryOrderOfTheRows) {
  const std::vector<std::string> rows{exposure_row("u", "1"), exposure_row("u", "2"),
                                      exposure_row("u", "1", "r", "t", "j")};
  const auto there = plates(kExposureFields, rows[0] + rows[1] + rows[2]);
  const auto back = plates(kExposureFields, rows[2] + rows[1] + rows[0]);
  for (std::size_t i = 0; i < rows.size(); ++i) EXPECT_EQ(there.plates.at(i).exposure, back.plates.at(2 - i).exposure);
}

TEST(PlatesFrom, RemembersADateThatIsNone) {
  const auto answer = plates(kExposureFields, exposure_row("u", "1e9"));
  EXPECT_FALSE(answer.plates.at(0).t_min);
  EXPECT_EQ(answer.plates.at(0).t_min_refused, 1e9);
}

TEST(PlatesFrom, RefusesATableThatIsNoObsCore) {
  EXPECT_THROW(plates(R"(<FIELD name="ra" datatype="double"/>)", "<TR><TD>1</TD></TR>"), Error);
}

TEST(PlatesFrom, RefusesAnAnswerWithoutATable) {
  // It would pass for "there are no plates here" for as long as it is remembered.
  EXPECT_THROW(plates_from(read_votable(votable_document("<INFO name=\"QUERY_STATUS\" value=\"OK\"/>")), "x"), Error);
}

TEST(PlatesFrom, SaysThatTheListWasCutShort) {
  const auto votable = read_votable(
      votable_document(table(kDachsFields, tabledata("")) + "<INFO name=\"QUERY_STATUS\" value=\"OVERFLOW\"/>"));
  EXPECT_TRUE(plates_from(votable, "x").truncated);
}

TEST(PlatesFrom, TakesTheLinksServiceThatRefersToAColumn) {
  const auto answer = plates(kDachsFields, "", kLinksService);
  ASSERT_TRUE(answer.links_service);
  EXPECT_EQ(answer.links_service->access_url, "http://a/dlmeta");
  EXPECT_EQ(answer.links_id_column, 2);
}

TEST(PlatesFrom, LeavesAServiceThatRefersToNoColumn) {
  EXPECT_FALSE(plates(R"(<FIELD name="access_url" datatype="char" arraysize="*"/>)", "", kLinksService).links_service);
}

TEST(PlatesFrom, GoesPastServicesOfOtherKinds) {
  std::string soda{kLinksService};
  soda.replace(soda.find("DataLink#links-1.0"), 18, "SODA#sync-1.0");
  const auto answer = plates(kDachsFields, "", soda + std::string{kLinksService});
  ASSERT_TRUE(answer.links_service);
  EXPECT_TRUE(answer.links_service->is("ivo://ivoa.net/std/DataLink"));
}

TEST(MediaType, IsDatalinkInEverySpelling) {
  EXPECT_TRUE(is_datalink_type("application/x-votable+xml;content=datalink"));
  EXPECT_TRUE(is_datalink_type("application/x-votable+xml; content=\"datalink\""));
  EXPECT_TRUE(is_datalink_type("Application/X-VOTable+XML;Content=DataLink;charset=utf-8"));
  EXPECT_FALSE(is_datalink_type("application/x-votable+xml"));
}

TEST(Plate, WhoseFileIsAVotableHasADatalinkDocument) {
  Plate plate;
  plate.access_format = "application/x-votable+xml";
  EXPECT_TRUE(plate.is_datalink());
  plate.access_format = "application/x-votable+xml;content=other";
  EXPECT_FALSE(plate.is_datalink());
  plate.access_format = "application/x-votable+xml";
  plate.dataproduct_type = "timeseries";
  EXPECT_FALSE(plate.is_datalink()) << "a light curve is a table";
  plate.access_format = "application/x-votable+xml;content=datalink";
  EXPECT_TRUE(plate.is_datalink());
}

TEST(MediaType, IsFitsInEverySpelling) {
  for (const auto* type : {"image/fits", "application/fits", "image/x-fits-gzip", "IMAGE/FITS; charset=binary"}) {
    EXPECT_TRUE(is_fits_type(type)) << type;
  }
  EXPECT_FALSE(is_fits_type("image/jpeg"));
  EXPECT_FALSE(is_fits_type("application/x-tar"));
  EXPECT_FALSE(is_fits_type(""));
}

}  // namespace
}  // namespace platefs::vo
