// SPDX-License-Identifier: BSD-3-Clause
#include "tools/commands/target_list.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <variant>

#include "tests/support/gzipped.h"
#include "vo/base/error.h"
#include "vo/votable/writer.h"

namespace platefs::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::string> read(const std::string& text) {
  std::vector<std::string> told;
  for (const auto& wanted : tools::read_targets(text, vo::Angle::arcminutes(10)).targets) {
    told.push_back(wanted.label + " " + (wanted.target ? wanted.target->canonical_name() : "?"));
  }
  return told;
}

std::string complaint_about(const std::string& text) {
  try {
    tools::read_targets(text, vo::Angle::arcminutes(10));
  } catch (const vo::Error& error) {
    return error.message();
  }
  return "no complaint";
}

TEST(TargetList, OfCsvTakesColumnsByName) {
  EXPECT_THAT(read("name,RAJ2000,DEJ2000,e_RAJ2000\n\"AG, Dra\",240.4,66.8,9\nM31,10.68,41.27,9\n"),
              ElementsAre("AG, Dra 240.4+66.8", "M31 10.68+41.27"));
  EXPECT_THAT(read("ID;ra_deg;dec_deg\r\n7;1.5;-2.5\r\n"), ElementsAre("7 1.5-2.5"));
}

TEST(TargetList, MayBeSexagesimal) {
  EXPECT_THAT(read("star,ra,dec\nx,10:24:00,48:00:00\ny,10 24 00,-48 30 00\n"), ElementsAre("x 156+48", "y 156-48.5"));
}

TEST(TargetList, OfBlankSeparatedTextKnowsHeadingsInAComment) {
  EXPECT_THAT(read("# ra dec name\n  1.5   2.5 a\n# a remark\n 3 -4 b\n"), ElementsAre("a 1.5+2.5", "b 3-4"));
  EXPECT_THAT(read("# my stars\n1.5 2.5 a\n"), ElementsAre("a 1.5+2.5"));
}

TEST(TargetList, WithoutHeadingsIsRaDecName) {
  EXPECT_THAT(read("1.5,2.5,a\n3,-4,\n"), ElementsAre("a 1.5+2.5", "3-4 3-4"));
}

TEST(TargetList, CanBeOneTargetInALine) {
  EXPECT_THAT(read("156.011+48.148@0.5d\nJ102400.0+480000\nAG_Dra\n"),
              ElementsAre("156.011+48.148@0.5d 156.011+48.148@0.5d", "J102400.0+480000 156+48", "AG_Dra ?"));
}

TEST(TargetList, OfAVotableGoesByUcdBeforeName) {
  vo::VotableDocument document;
  const auto field = [](const std::string& name, const std::string& ucd, const std::string& unit) {
    vo::VotableField made;
    made.name = name;
    made.datatype = "double";
    made.ucd = ucd;
    made.unit = unit;
    return made;
  };
  document.fields = {field("ra", "pos.eq.ra", "deg"), field("x", "pos.eq.ra;meta.main", "h"),
                     field("y", "pos.eq.dec;meta.main", "deg")};
  document.rows = {{1.0, 10.4, -48.0}};
  EXPECT_THAT(read(vo::votable_text(document)), ElementsAre("156-48 156-48"));
}

// As astropy 5.2 writes them.
TEST(TargetList, CanBeEcsv) {
  EXPECT_THAT(read("# %ECSV 1.0\n# ---\n# datatype:\n# - {name: name, datatype: string}\n"
                   "# - {name: ra, unit: deg, datatype: float64, description: a long one, so that yaml must\n"
                   "#     wrap it somewhere}\n# - {name: dec, unit: deg, datatype: float64}\n"
                   "# meta: !!omap\n# - comments: [a VOTABLE <once>, target]\n# schema: astropy-2.0\n"
                   "name ra dec\n\"AG, Dra\" 240.4 66.8\n\"M 31\" 10.68 41.27\n"),
              ElementsAre("AG, Dra 240.4+66.8", "M 31 10.68+41.27"));
  EXPECT_THAT(read("# %ECSV 1.0\n# ---\n# datatype:\n# - {name: coord.ra, unit: deg, datatype: float64}\n"
                   "# - {name: coord.dec, unit: deg, datatype: float64}\n# - {name: main_id, datatype: string}\n"
                   "coord.ra coord.dec main_id\n1.0 3.0 a\n2.0 -4.0 \"\"\n"),
              ElementsAre("a 1+3", "2-4 2-4"));
}

TEST(TargetList, TakesItsUnitsFromTheHeaderOfEcsv) {
  EXPECT_THAT(read("# %ECSV 1.0\n# ---\n# datatype:\n# - {name: ra, unit: hourangle, datatype: float64}\n"
                   "# - {name: dec, unit: deg, datatype: float64}\n# delimiter: ','\n# meta: !!omap\n"
                   "# - __serialized_columns__:\n#     ra:\n#       unit: !astropy.units.Unit {unit: deg}\n"
                   "ra,dec\n10.4,-48\n"),
              ElementsAre("156-48 156-48"));
  EXPECT_THAT(read("# %ECSV 1.0\n# ---\n# datatype:\n# -\n#   name: RA\n#   unit: 'rad'\n# -\n#   name: Dec\n"
                   "#   unit: \"rad\"\nRA Dec\n0 0\n"),
              ElementsAre("0+0 0+0"));
}

TEST(TargetList, MayBeginWithRemarks) {
  EXPECT_THAT(read("# my stars\n# of 1890\nname,ra,dec\nx,1.5,2.5\n"), ElementsAre("x 1.5+2.5"));
  EXPECT_THAT(read("# a list\n# ra dec name\n1.5 2.5 a\n"), ElementsAre("a 1.5+2.5"));
  EXPECT_THAT(read("# target list\n1.5,2.5,star\n"), ElementsAre("star 1.5+2.5"));
}

std::vector<std::string> left_out_of(const std::string& text) {
  return tools::read_targets(text, vo::Angle::arcminutes(10)).without_target;
}

TEST(TargetList, GoesOnAfterARowWithoutAPosition) {
  const std::string text = "name,ra,dec\na,1,2\nb,,\nc,null,NULL\nd,nan,NaN\ne,--,--\nf,masked,masked\ng,3,-4\nh\n";
  EXPECT_THAT(read(text), ElementsAre("a 1+2", "g 3-4"));
  EXPECT_THAT(left_out_of(text), ElementsAre("line 3", "line 4", "line 5", "line 6", "line 7", "line 9"));
  EXPECT_THAT(complaint_about("ra,dec\n1,2\n3,\n"), HasSubstr("line 3: "));  // half a position is a mistake
}

TEST(TargetList, OfAVotableGoesOnAfterARowOfNulls) {
  vo::VotableDocument document;
  for (const auto* ucd : {"pos.eq.ra", "pos.eq.dec"}) {
    auto& field = document.fields.emplace_back();
    field.name = ucd;
    field.ucd = ucd;
    field.datatype = "double";
  }
  document.rows = {{1.0, 2.0}, {std::monostate{}, std::monostate{}}, {3.0, -4.0}};
  EXPECT_THAT(read(vo::votable_text(document)), ElementsAre("1+2 1+2", "3-4 3-4"));
  EXPECT_THAT(left_out_of(vo::votable_text(document)), ElementsAre("row 2"));
}

TEST(TargetList, OfNamesGoesOnAfterARowWithoutOne) {
  EXPECT_THAT(read("name,mag\nAG Dra,9\n,8\nM31,3\n"), ElementsAre("AG Dra ?", "M31 ?"));
  EXPECT_THAT(left_out_of("name,mag\nAG Dra,9\n,8\nM31,3\n"), ElementsAre("line 3"));
}

TEST(TargetList, WithoutAnyPositionIsRefused) {
  EXPECT_THAT(complaint_about("name,ra,dec\na,,\nb,null,null\n"), HasSubstr("no row has a position"));
}

TEST(TargetList, MayHaveUnitsAndALineUnderItsHeadings) {
  EXPECT_THAT(read("#\n#   VizieR Astronomical Server\n_RAJ2000\t_DEJ2000\tName\ndeg\tdeg\t \n"
                   "----------\t----------\t-----\n150.020000\t+20.030000\tX1\n"),
              ElementsAre("X1 150.02+20.03"));
  EXPECT_THAT(read("RA;DE\n\"h:m:s\";\"d:m:s\"\n-------;-------\n10 24 00;-48 30 00\n"),
              ElementsAre("156-48.5 156-48.5"));
  EXPECT_THAT(read("ra,dec\nh,deg\n--,---\n10.4,-48\n"), ElementsAre("156-48 156-48"));
  EXPECT_THAT(read("ra|dec\n---|---\n1.5|2.5\n"), ElementsAre("1.5+2.5 1.5+2.5"));
}

TEST(TargetList, NamesTheLineThatIsWrong) {
  EXPECT_THAT(complaint_about("ra,dec\n1,2\n400,2\n"), HasSubstr("line 3: "));
  EXPECT_THAT(complaint_about("# a remark\n\nname,ra,dec\n\"a\nb\",1,2\n# another\nc,1,\n"), HasSubstr("line 7: "));
  EXPECT_THAT(complaint_about("# %ECSV 1.0\na b\n1 2\n"), HasSubstr("no columns ra and dec"));
}

TEST(TargetList, MayBePacked) {
  EXPECT_THAT(read(gzipped("name,ra,dec\nAG Dra,240.4,66.8\n")), ElementsAre("AG Dra 240.4+66.8"));
  EXPECT_THAT(complaint_about(gzipped("name,ra,dec\nAG Dra,240.4,66.8\n").substr(0, 20)), HasSubstr("gzip"));
}

TEST(TargetList, OfTsvMayHaveCommasInItsHeadings) {
  EXPECT_THAT(read("name\tra\tdec\tRemarks, of whom\nAG Dra\t240.4\t66.8\tone, two, three\n"),
              ElementsAre("AG Dra 240.4+66.8"));
  EXPECT_THAT(read("name,ra,dec\n\"one; two; three; four\",1,2\n"), ElementsAre("one; two; three; four 1+2"));
}

}  // namespace
}  // namespace platefs::test
