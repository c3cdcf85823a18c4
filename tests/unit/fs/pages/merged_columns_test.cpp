// SPDX-License-Identifier: BSD-3-Clause
#include "fs/pages/merged_columns.h"

#include "tests/support/mounted_tree.h"

namespace platefs::fs {
namespace {

using test::archive_answer;
using test::column_named;
using Values = std::vector<vo::VotableValue>;

cache::PlatesAnswer answer_of(std::vector<cache::ArchiveAnswer> archives) {
  return {vo::IcrsPosition::at(vo::Angle::degrees(1), vo::Angle::degrees(2)), std::move(archives), 0};
}

cache::ArchiveAnswer one_row(const std::string& archive, std::vector<vo::VotableField> fields, Values row) {
  return archive_answer(archive, {test::dated_plate("ivo://" + archive, 1)}, std::move(fields), {std::move(row)});
}

std::vector<std::string> names(const MergedColumns& merged) {
  std::vector<std::string> all;
  for (const auto& field : merged.fields()) all.push_back(field.name);
  return all;
}

/// The cells of the only plate of the archive.
Values row_of(const MergedColumns& merged, const cache::ArchiveAnswer& archive) {
  Values row;
  const auto entry = std::make_shared<const PlateEntry>(PlateEntry{"p", {archive.table, 0}});
  for (const auto& column : merged.columns_of({entry})) row.push_back(vo::value_of(column.at(0)));
  return row;
}

TEST(MergedColumns, OfOneNameInAnyCaseAreOneColumn) {
  const auto answer = answer_of({one_row("a", {column_named("s_ra", "double", "deg")}, {1.5}),
                                 one_row("b", {column_named("S_RA", "double", "deg")}, {2.5})});
  const MergedColumns merged{answer, {}};
  EXPECT_EQ(names(merged), std::vector<std::string>{"s_ra"});
  EXPECT_EQ(row_of(merged, answer.archives[1]), Values{2.5});
}

TEST(MergedColumns, AreNullWhereAnArchiveHasNoSuchColumn) {
  const auto answer = answer_of({one_row("a", {column_named("x", "int")}, {std::int64_t{1}}),
                                 one_row("b", {column_named("y", "int")}, {std::int64_t{2}})});
  const MergedColumns merged{answer, {}};
  EXPECT_EQ(row_of(merged, answer.archives[0]), (Values{std::int64_t{1}, {}}));
  EXPECT_EQ(row_of(merged, answer.archives[1]), (Values{{}, std::int64_t{2}}));
}

TEST(MergedColumns, HoldWhatEachOfThemHolds) {
  const auto answer =
      answer_of({one_row("a", {column_named("i", "short"), column_named("r", "int"), column_named("t", "long")},
                         {std::int64_t{1}, std::int64_t{2}, std::int64_t{3}}),
                 one_row("b", {column_named("i", "long"), column_named("r", "float"), column_named("t", "char")},
                         {std::int64_t{4}, 0.5F, "five"})});
  const MergedColumns merged{answer, {}};
  EXPECT_EQ(merged.fields()[0].datatype, "long");
  EXPECT_EQ(merged.fields()[1].datatype, "double");
  EXPECT_EQ(merged.fields()[2].datatype, "char");
  EXPECT_EQ(row_of(merged, answer.archives[0]), (Values{std::int64_t{1}, 2.0, "3"}));
}

TEST(MergedColumns, StayApartWhereTheirUnitsDiffer) {
  const auto answer = answer_of({one_row("a", {column_named("fov", "double", "deg")}, {1.0}),
                                 one_row("b", {column_named("fov", "double", "arcmin")}, {60.0})});
  EXPECT_EQ(names(MergedColumns{answer, {}}), (std::vector<std::string>{"fov", "fov_b"}));
}

TEST(MergedColumns, TakeTheirMetadataFromTheFirstThatStatesIt) {
  auto described = column_named("x", "double", "deg");
  described.description = "what it is";
  described.null = "-1";
  described.id = "col_1";
  const auto answer = answer_of({one_row("a", {column_named("x", "double")}, {1.0}), one_row("b", {described}, {2.0})});
  const MergedColumns merged{answer, {}};
  EXPECT_EQ(merged.fields()[0].unit, "deg");
  EXPECT_EQ(merged.fields()[0].description, "what it is");
  EXPECT_EQ(merged.fields()[0].id, "");
}

TEST(MergedColumns, LeaveReservedNamesToUs) {
  const auto answer = answer_of({one_row("a", {column_named("Plate", "char"), column_named("x", "int")}, {"p", {}})});
  EXPECT_EQ(names(MergedColumns{answer, {"plate"}}), (std::vector<std::string>{"served_Plate", "x"}));
}

TEST(MergedColumns, KeepTwoColumnsOfOneNameInOneTable) {
  const auto answer = answer_of(
      {one_row("a", {column_named("x", "int"), column_named("X", "int")}, {std::int64_t{1}, std::int64_t{2}})});
  const MergedColumns merged{answer, {}};
  EXPECT_EQ(merged.fields().size(), 2U);
  EXPECT_EQ(row_of(merged, answer.archives[0]), (Values{std::int64_t{1}, std::int64_t{2}}));
}

TEST(MergedColumns, GoWithoutAnArchiveThatFailed) {
  cache::ArchiveAnswer failed;
  failed.archive = "b";
  const auto answer = answer_of({failed, one_row("a", {column_named("x", "int")}, {std::int64_t{1}})});
  EXPECT_EQ(MergedColumns(answer, {}).fields().size(), 1U);
}

}  // namespace
}  // namespace platefs::fs
