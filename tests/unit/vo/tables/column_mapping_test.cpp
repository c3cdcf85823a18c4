// SPDX-License-Identifier: BSD-3-Clause
#include "vo/tables/column_mapping.h"

#include <gtest/gtest.h>

#include "vo/base/error.h"

namespace platefs::vo {
namespace {

VotableField field(const std::string& name) {
  VotableField made;
  made.name = name;
  made.datatype = "double";
  return made;
}

ColumnMapping mapping(const std::map<std::string, std::string>& columns) {
  ColumnMapping made;
  for (const auto& [name, value] : columns) made.add(name, value);
  return made;
}

std::string refusal(const std::function<void()>& work) {
  try {
    work();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::Rejected);
    return error.message();
  }
  return "taken";
}

TEST(MappedValue, IsAColumnATextANumberOrAColumnWithOneFactorOrOffset) {
  const auto shifted = MappedValue::parse("jd - 2400000.5");
  EXPECT_EQ(shifted.column, "jd");
  EXPECT_EQ(shifted.operation, '-');
  EXPECT_EQ(shifted.number, 2400000.5);
  EXPECT_EQ(MappedValue::parse("diameter/60").operation, '/');
  EXPECT_EQ(MappedValue::parse("a*1e-5").number, 1e-5) << "the sign of the exponent is no operator";
  EXPECT_EQ(MappedValue::parse("a*1e-5").column, "a");
  EXPECT_EQ(MappedValue::parse("'Bruce''s'").text, "Bruce's");
  EXPECT_EQ(MappedValue::parse("'Bruce'").kind, MappedValue::Kind::Text);
  EXPECT_EQ(MappedValue::parse("-2.5").kind, MappedValue::Kind::Number);
  EXPECT_EQ(MappedValue::parse("file").operation, 0);
  EXPECT_EQ(MappedValue::parse("\"field * 2\"").column, "field * 2") << "a name in double quotes is a name";
  EXPECT_EQ(MappedValue::parse("\"my field\" * 2").column, "my field");
  EXPECT_EQ(MappedValue::parse("\"my field\" * 2").number, 2);
}

TEST(MappedValue, RefusesWhatIsNoneOfTheseWithTheText) {
  for (const auto* text : {"", "'open", "a / 0"}) {
    EXPECT_NE(refusal([&] { MappedValue::parse(text); }).find(text), std::string::npos) << text;
  }
}

TEST(MappedTable, MakesTheColumnsOfObscoreAndKeepsTheOthers) {
  const auto columns = mapping(
      {{"t_min", "JD - 2400000.5"}, {"s_fov", "arcmin / 60"}, {"instrument_name", "'Bruce'"}, {"access_url", "file"}});
  const MappedTable table{columns, {field("jd"), field("arcmin"), field("file"), field("note")}, "plates.csv"};
  const VotableRows rows{{2415021.0, 300.0, std::string{"a.fits"}, std::string{"hazy"}},
                         {VotableValue{}, std::string{"60"}, VotableValue{}, VotableValue{}}};
  std::map<std::string, std::size_t> at;
  for (std::size_t i = 0; i < table.fields().size(); ++i) at[table.fields()[i].name] = i;
  EXPECT_EQ(std::get<double>(table.cell(rows, 0, at.at("t_min"))), 15020.5);
  EXPECT_EQ(std::get<double>(table.cell(rows, 0, at.at("s_fov"))), 5);
  EXPECT_EQ(std::get<std::string_view>(table.cell(rows, 0, at.at("access_url"))), "a.fits");
  EXPECT_EQ(std::get<std::string_view>(table.cell(rows, 1, at.at("instrument_name"))), "Bruce");
  EXPECT_EQ(std::get<std::string_view>(table.cell(rows, 0, at.at("note"))), "hazy");
  EXPECT_EQ(std::get<double>(table.cell(rows, 0, at.at("jd"))), 2415021.0);
  EXPECT_EQ(std::get<double>(table.cell(rows, 1, at.at("s_fov"))), 1) << "numbers that are written as texts";
  EXPECT_TRUE(std::holds_alternative<std::monostate>(table.cell(rows, 1, at.at("t_min")))) << "null stays null";
}

TEST(MappedTable, AMadeColumnTakesThePlaceOfTheTablesOwnOfThatName) {
  const MappedTable table{mapping({{"s_fov", "s_fov / 60"}}), {field("s_fov")}, "plates.csv"};
  ASSERT_EQ(table.fields().size(), 1U);
  EXPECT_EQ(std::get<double>(table.cell(VotableRows{{120.0}}, 0, 0)), 2);
}

TEST(MappedTable, AColumnWhoseNameReadsLikeASumIsMeantWhereThereIsOne) {
  const auto columns = mapping({{"s_fov", "col-1"}});
  const MappedTable whole{columns, {field("col-1"), field("col")}, "t"};
  EXPECT_EQ(std::get<double>(whole.cell(VotableRows{{7.0, 3.0}}, 0, 0)), 7);
  const MappedTable sum{columns, {field("col")}, "t"};
  EXPECT_EQ(std::get<double>(sum.cell(VotableRows{{3.0}}, 0, 0)), 2);
}

TEST(MappedTable, NamesTheColumnThatTheTableDoesNotHaveAndTheTable) {
  const auto said = refusal([] {
    MappedTable{mapping({{"t_min", "julian - 2400000.5"}}), {field("jd"), field("file")}, "the table plates.csv"};
  });
  EXPECT_NE(said.find("plates.csv"), std::string::npos) << said;
  EXPECT_NE(said.find("'julian'"), std::string::npos) << said;
  EXPECT_NE(said.find("jd, file"), std::string::npos) << said;
}

}  // namespace
}  // namespace platefs::vo
