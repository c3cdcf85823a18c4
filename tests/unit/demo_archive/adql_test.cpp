// SPDX-License-Identifier: BSD-3-Clause
#include "tools/demo_archive/adql.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tools/demo_archive/votable_out.h"
#include "vo/base/error.h"

namespace platefs::demo {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using vo::Angle;

/// Three plates: two of "A" and "it's B" over 10+10, one without a date over 50+10.
ObscoreTable three_plates() {
  ObscoreTable table;
  table.fields = {text_field("obs_id", ""),
                  text_field("obs_collection", ""),
                  number_field("t_min", "double", "d", ""),
                  number_field("s_ra", "double", "deg", ""),
                  number_field("s_dec", "double", "deg", ""),
                  text_field("s_region", "")};
  const auto add = [&table](const char* id, const char* collection, vo::VotableValue t_min, double ra) {
    ObscoreRow row;
    for (const auto& [x, y] : {std::pair{-1, -1}, {1, -1}, {1, 1}, {-1, 1}}) {
      row.outline.push_back({Angle::degrees(ra + x), Angle::degrees(10.0 + y)});
    }
    row.cells = {std::string(id), std::string(collection), t_min, ra, 10.0, std::string()};
    table.rows.push_back(std::move(row));
  };
  add("late", "A", 20000.0, 10);
  add("early", "it's B", 10000.0, 10);
  add("undated", "A", {}, 50);
  return table;
}

std::vector<std::string> ids(const std::string& rest, std::uint64_t limit = 100) {
  const auto table = three_plates();
  std::vector<std::string> found;
  for (const auto* row : run(read_adql("SELECT * FROM ivoa.obscore " + rest, table), table, limit).rows) {
    found.push_back(std::get<std::string>(row->cells[0]));
  }
  return found;
}

TEST(Adql, PlatesThatContainAPointByDateTheUndatedLast) {
  EXPECT_THAT(ids("WHERE 1 = CONTAINS(POINT('ICRS', 10.5, 9.5), s_region) ORDER BY t_min"),
              ElementsAre("early", "late"));
  EXPECT_THAT(ids("where CONTAINS(POINT('ICRS', 50, 10), S_REGION) = 1"), ElementsAre("undated"));
  EXPECT_THAT(ids("ORDER BY t_min"), ElementsAre("early", "late", "undated"));
  EXPECT_THAT(ids("ORDER BY t_min DESC"), ElementsAre("late", "early", "undated"));
}

TEST(Adql, ConditionsOfEveryKind) {
  EXPECT_THAT(ids("WHERE NOT obs_collection LIKE '%B'"), ElementsAre("late", "undated"));
  EXPECT_THAT(ids("WHERE obs_collection = 'it''s B'"), ElementsAre("early"));
  EXPECT_THAT(ids("WHERE t_min BETWEEN 15000 AND 2.5e4"), ElementsAre("late"));
  EXPECT_THAT(ids("WHERE (t_min < 15000 OR t_min IS NULL) AND s_ra + 1 >= 11"), ElementsAre("early", "undated"));
  EXPECT_THAT(ids("WHERE (s_ra + 10) * 2 > 100"), ElementsAre("undated"));
  EXPECT_THAT(ids("WHERE obs_id IN ('late', 'undated')"), ElementsAre("late", "undated"));
  EXPECT_THAT(ids("WHERE 1 = INTERSECTS(s_region, CIRCLE('', 12, 10, 1.5))"), ElementsAre("late", "early"));
  EXPECT_THAT(ids("WHERE DISTANCE(POINT(s_ra, s_dec), POINT(50, 11)) < 1.1"), ElementsAre("undated"));
}

TEST(Adql, WhatIsNullIsNeitherTrueNorFalse) {
  EXPECT_THAT(ids("WHERE t_min < 15000"), ElementsAre("early"));
  EXPECT_THAT(ids("WHERE NOT t_min < 15000"), ElementsAre("late"));
}

TEST(Adql, TopAndTheLimitCutTheList) {
  const auto table = three_plates();
  const auto cut = run(read_adql("SELECT obs_id FROM ivoa.ObsCore ORDER BY t_min", table), table, 2);
  EXPECT_EQ(cut.rows.size(), 2u);
  EXPECT_TRUE(cut.is_cut);
  EXPECT_FALSE(run(read_adql("SELECT TOP 1 obs_id FROM ivoa.obscore AS o", table), table, 2).is_cut);
}

TEST(Adql, JoinsThePlatesWithPositionsThatCameAlong) {
  vo::Votable upload;
  upload.fields = {number_field("n", "int", "", ""), number_field("ra", "double", "deg", "")};
  upload.rows = {{std::int64_t{7}, 10.5}, {std::int64_t{8}, 50.5}, {std::int64_t{9}, 99.0}};
  const auto table = joined(three_plates(), "targets", upload);
  const auto query = read_adql(
      "SELECT t.n, o.* FROM ivoa.obscore AS o JOIN TAP_UPLOAD.targets AS t ON "
      "1 = CONTAINS(POINT('ICRS', t.ra, 10), o.s_region) WHERE NOT o.obs_id LIKE 'early' "
      "ORDER BY t_min",
      table);
  EXPECT_EQ(query.columns.size(), 1 + three_plates().fields.size());
  std::vector<std::string> found;
  for (const auto* row : run(query, table, 100).rows) {
    found.push_back(vo::text_of(row->cells[query.columns[0]]) + " " + vo::text_of(row->cells[query.columns[1]]));
  }
  EXPECT_THAT(found, ElementsAre("7 late", "8 undated"));
  EXPECT_THROW(read_adql("SELECT * FROM ivoa.obscore JOIN TAP_UPLOAD.others ON 1 = 1", table), vo::Error);
}

TEST(Adql, SaysWhereItDoesNotUnderstand) {
  const auto table = three_plates();
  const auto problem = [&table](const std::string& query) -> std::string {
    try {
      read_adql(query, table);
    } catch (const vo::Error& error) {
      return error.what();
    }
    return "none";
  };
  EXPECT_THAT(problem("SELECT * FROM ivoa.obscore WHERE t_min <<< 1"), HasSubstr("at character 41, found <"));
  EXPECT_THAT(problem("SELECT no_such FROM ivoa.obscore"), HasSubstr("no column no_such"));
  EXPECT_THAT(problem("SELECT * FROM tap_schema.tables"), HasSubstr("no table tap_schema.tables"));
  EXPECT_THAT(problem("SELECT * FROM ivoa.obscore WHERE obs_id = 'x"), HasSubstr("not closed"));
}

TEST(IsLike, KnowsBothWildcards) {
  EXPECT_TRUE(is_like("ROSAT RASS survey", "%RASS%"));
  EXPECT_TRUE(is_like("abc", "a_c"));
  EXPECT_FALSE(is_like("abc", "a_"));
  EXPECT_TRUE(is_like("aXbXc", "a%X%c"));
}

}  // namespace
}  // namespace platefs::demo
