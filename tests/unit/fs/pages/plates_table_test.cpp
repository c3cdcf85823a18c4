// SPDX-License-Identifier: BSD-3-Clause
#include "fs/pages/plates_table.h"

#include "tests/support/mounted_tree.h"

namespace platefs::fs {
namespace {

class PlatesTableTest : public testing::Test, protected test::MountedTree {
 protected:
  vo::VotableDocument table(const std::string& directory = {}) {
    const auto target = at({"156.011+48.148"});
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
