// SPDX-License-Identifier: BSD-3-Clause
#include "fs/pages/plates_table.h"

#include <cmath>
#include <numbers>

#include "tests/support/mounted_tree.h"

namespace platefs::fs {
namespace {

constexpr auto kTarget = "156.011+48.148";

class PlatesTableTest : public testing::Test, protected test::MountedTree {
 protected:
  vo::VotableDocument table(const std::string& directory = {}) {
    const auto target = at({kTarget});
    prepare(target);
    return plates_table(*target.target->known(), target.target->target(), directory);
  }
  static vo::VotableValue cell(const vo::VotableDocument& table, std::size_t row, std::string_view name) {
    for (std::size_t i = 0; i < table.fields.size(); ++i) {
      if (table.fields[i].name == name) return table.rows.at(row).at(i);
    }
    ADD_FAILURE() << "no column " << name;
    return {};
  }
  static std::string info(const vo::VotableDocument& table, std::string_view name) {
    for (const auto& info : table.infos) {
      if (info.name == name) return info.value;
    }
    return "none";
  }
};

TEST_F(PlatesTableTest, HasARowForEachPlateByEpochWithOurColumns) {
  const auto made = table();
  ASSERT_EQ(made.rows.size(), 2U);
  EXPECT_EQ(cell(made, 0, "plate"), vo::VotableValue{"1890-05-17_i00811"});
  EXPECT_EQ(cell(made, 0, "date_min"), vo::VotableValue{"1890-05-17T12:00:00"});
  EXPECT_EQ(cell(made, 1, "date_min"), vo::VotableValue{"1894-06-21"});
  EXPECT_EQ(cell(made, 0, "date_max"), vo::VotableValue{});
  EXPECT_EQ(cell(made, 0, "archive"), vo::VotableValue{"gavo"});
  EXPECT_NEAR(vo::number_of(cell(made, 0, "jyear")).value(), 1890.375, 0.01);
  EXPECT_EQ(info(made, "QUERY_STATUS"), "OK");
}

TEST_F(PlatesTableTest, OfLightCurvesNamesTheirFiles) {
  library.time_series = library.plates;
  const auto folder = at({kTarget, "timeseries"});
  prepare(folder);
  const auto made = plates_table(*folder.target->known(), folder.target->target(), "/mnt/x/timeseries");
  EXPECT_EQ(made.table_name, "timeseries");
  EXPECT_EQ(cell(made, 0, "file"), vo::VotableValue{"1890-05-17_i00811.vot"});
  EXPECT_EQ(cell(made, 0, "path"), vo::VotableValue{"/mnt/x/timeseries/1890-05-17_i00811.vot"});
  EXPECT_EQ(made.rows.at(0).size(), made.fields.size());
  for (const auto& field : made.fields) EXPECT_NE(field.name, "cutout_path");
}

TEST_F(PlatesTableTest, TellsHowFarTheCentreIsAndNothingOfACentreThatIsNone) {
  auto near = test::dated_plate("ivo://a/near", 1), wrong = test::dated_plate("ivo://a/wrong", 2);
  near.s_ra = 156.011;
  near.s_dec = 49.148;
  wrong.s_ra = -400;
  wrong.s_dec = 10;
  library.plates->archives = {test::archive_answer("a", {near, wrong})};
  const auto made = table();
  EXPECT_NEAR(vo::number_of(cell(made, 0, "separation")).value(), 1.0, 1e-9);
  EXPECT_EQ(cell(made, 1, "separation"), vo::VotableValue{});
}

TEST_F(PlatesTableTest, TellsHowFarTheEdgeIsInPixelsWhereTheRegionIsKnown) {
  auto box = test::dated_plate("ivo://a/box", 1), bare = test::dated_plate("ivo://a/bare", 2);
  box.s_region = "POLYGON ICRS 155.011 47.148 157.011 47.148 157.011 49.148 155.011 49.148";
  box.s_pixel_scale = bare.s_pixel_scale = 2.0;
  library.plates->archives = {test::archive_answer("a", {box, bare})};
  const auto made = table();
  const double east = std::cos(48.148 * std::numbers::pi / 180) * 3600 / 2;
  EXPECT_NEAR(vo::number_of(cell(made, 0, "edge_distance")).value(), east, east * 0.001);
  EXPECT_EQ(cell(made, 1, "edge_distance"), vo::VotableValue{});
  EXPECT_EQ(vo::number_of(cell(made, 1, "pixel_scale")), 2.0);
}

TEST_F(PlatesTableTest, HasPolarityAndLimitWhereTheArchiveTellsThem) {
  const auto plates = std::vector{test::dated_plate("ivo://a/1", 1), test::dated_plate("ivo://a/2", 2)};
  library.plates->archives = {test::archive_answer(
      "a", plates, {test::column_named("LimMag", "float", "mag"), test::column_named("polarity", "char")},
      {{14.5, std::string{"negative"}}, {{}, {}}})};
  const auto made = table();
  EXPECT_EQ(vo::number_of(cell(made, 0, "lim_mag")), 14.5);
  EXPECT_EQ(cell(made, 0, "polarity"), vo::VotableValue{"negative"});
  EXPECT_EQ(cell(made, 1, "lim_mag"), vo::VotableValue{});
  EXPECT_EQ(cell(made, 1, "polarity"), vo::VotableValue{});
  EXPECT_EQ(cell(made, 0, "served_polarity"), vo::VotableValue{"negative"});
  for (const auto& field : made.fields) {
    EXPECT_NE(field.name, "state");
    EXPECT_EQ(field.unit, field.name == "lim_mag" || field.name == "LimMag" ? "mag" : field.unit);
  }
}

TEST_F(PlatesTableTest, TellsTheStateOfTheCutoutWhereItIsKnown) {
  const auto target = at({kTarget});
  prepare(target);
  const auto made = plates_table(*target.target->known(), target.target->target(), {},
                                 [](const PlateEntry& entry) { return entry.name[3] == '0' ? "cached" : "remote"; });
  EXPECT_EQ(cell(made, 0, "state"), vo::VotableValue{"cached"});
  EXPECT_EQ(cell(made, 1, "state"), vo::VotableValue{"remote"});
}

TEST_F(PlatesTableTest, NamesTheFilesWhereTheMountIsKnown) {
  const auto made = table("/mnt/plates/T");
  EXPECT_EQ(cell(made, 0, "cutout_path"), vo::VotableValue{"/mnt/plates/T/cutouts/1890-05-17_i00811.fits"});
  EXPECT_EQ(cell(made, 0, "full_path"), vo::VotableValue{"/mnt/plates/T/1890-05-17_i00811/full.fits"});
  EXPECT_EQ(cell(made, 0, "preview_path"), vo::VotableValue{"/mnt/plates/T/previews/1890-05-17_i00811.jpg"});
}

TEST_F(PlatesTableTest, SaysThatAnArchiveCutItsListShort) {
  auto part = library.plates->archives[0];
  auto cut = std::make_shared<vo::PlateTable>(*part.table);
  cut->truncated = true;
  library.plates->archives[0].table = cut;
  EXPECT_EQ(info(table(), "QUERY_STATUS"), "OVERFLOW");
}

TEST_F(PlatesTableTest, IsReadBackFromItsVotable) {
  const auto made = table("/mnt/<plates>&");
  const auto read = vo::read_votable(vo::votable_text(made));
  EXPECT_EQ(read.rows.size(), made.rows.size());
  EXPECT_EQ(read.fields.size(), made.fields.size());
}

}  // namespace
}  // namespace platefs::fs
