// SPDX-License-Identifier: BSD-3-Clause
#include "vo/votable/column.h"

#include <gtest/gtest.h>

#include <limits>

namespace platefs::vo {
namespace {

using Rows = VotableRows;

VotableField field(const std::string& datatype, const std::string& arraysize = {}) {
  VotableField field;
  field.datatype = datatype;
  field.arraysize = arraysize;
  return field;
}

Rows column_of(std::vector<VotableValue> values) {
  Rows rows;
  for (auto& value : values) rows.push_back({std::move(value)});
  return rows;
}

VotableColumn written(const VotableField& field, std::vector<VotableValue> values) {
  return column_to_write(field, column_of(std::move(values)), 0);
}

TEST(ColumnToWrite, KeepsTheDatatypeThatItsValuesFit) {
  EXPECT_EQ(written(field("short"), {std::int64_t{5}}).datatype, "short");
  EXPECT_EQ(written(field("float"), {0.5F}).datatype, "float");
  EXPECT_EQ(written(field("boolean"), {true}).datatype, "boolean");
}

TEST(ColumnToWrite, HasAReadableArraysizeWhateverTheArchiveWrote) {
  EXPECT_EQ(written(field("double", "many"), {std::string{"1 2"}}).arraysize, "*");
}

TEST(ColumnToWrite, WidensIntegersThatDoNotFit) {
  EXPECT_EQ(written(field("short"), {std::int64_t{40000}}).datatype, "long");
  EXPECT_EQ(written(field("unsignedByte"), {std::int64_t{-1}}).datatype, "long");
}

TEST(ColumnToWrite, DeclaresANullThatNoCellHas) {
  EXPECT_EQ(written(field("int"), {std::int64_t{5}}).null, std::nullopt);
  EXPECT_EQ(written(field("int"), {std::int64_t{5}, {}}).null, "-1");
  EXPECT_EQ(written(field("int"), {std::int64_t{-1}, {}}).null, "-2147483648");
}

TEST(ColumnToWrite, WidensAColumnWhoseEveryValueIsTaken) {
  std::vector<VotableValue> values{{}};
  for (std::int64_t i = 0; i < 256; ++i) values.emplace_back(i);
  const auto column = written(field("unsignedByte"), values);
  EXPECT_EQ(column.datatype, "long");
  EXPECT_EQ(column.null, "-1");
}

TEST(ColumnToWrite, FindsANullEvenWhereBothEndsAreUsed) {
  const auto column = written(
      field("long"),
      {std::int64_t{-1}, std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max(), {}});
  EXPECT_EQ(column.null, "-2");
}

TEST(ColumnToWrite, IsUnicodeWhereTheTextIsNotAllAscii) {
  EXPECT_EQ(written(field("char", "10"), {"plain"}).datatype, "char");
  EXPECT_EQ(written(field("char", "10"), {"plain"}).arraysize, "*");
  EXPECT_EQ(written(field("char", "*"), {"M\xc3\xbcnster"}).datatype, "unicodeChar");
}

TEST(ColumnToWrite, KeepsAFixedArrayOnlyWhereEveryRowFillsIt) {
  EXPECT_EQ(written(field("double", "2"), {"1 2", "3 4"}).arraysize, "2");
  EXPECT_EQ(written(field("double", "2"), {"1 2", {}}).arraysize, "*");
  EXPECT_EQ(written(field("floatComplex", "2"), {"1 2 3 4"}).arraysize, "2");
}

TEST(ColumnText, WritesWhatItsColumnCannotHoldAsNull) {
  EXPECT_EQ(written(field("int"), {std::int64_t{5}}).text(VotableValue{"five"}), "");
  EXPECT_EQ(written(field("int"), {std::int64_t{5}, {}}).text(VotableValue{"five"}), "-1");
  EXPECT_EQ(written(field("double"), {}).text(VotableValue{"five"}), "");
  EXPECT_EQ(written(field("boolean"), {}).text(VotableValue{"five"}), "");
}

TEST(ColumnText, WritesInfinityAsTheStandardDoes) {
  const auto column = written(field("double"), {});
  EXPECT_EQ(column.text(std::numeric_limits<double>::infinity()), "+Inf");
  EXPECT_EQ(column.text(-std::numeric_limits<double>::infinity()), "-Inf");
}

TEST(ColumnToWrite, TakesRowsThatAreTooShort) { EXPECT_EQ(column_to_write(field("int"), Rows{{}}, 0).null, "-1"); }

}  // namespace
}  // namespace platefs::vo
