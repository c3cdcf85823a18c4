// SPDX-License-Identifier: BSD-3-Clause
#include "vo/votable/cell.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "vo/base/error.h"

namespace platefs::vo {
namespace {

using Kind = CellType::Kind;

CellType type_of(const std::string& datatype, const std::string& arraysize = {}, std::optional<std::string> null = {}) {
  VotableField field;
  field.datatype = datatype;
  field.arraysize = arraysize;
  field.null = std::move(null);
  return cell_type(field);
}

VotableValue cell(std::string_view text, const CellType& type) {
  MemoryBudget budget{1000};
  return value_of_text(text, type, budget);
}

bool is_null(const VotableValue& value) { return std::holds_alternative<std::monostate>(value); }

TEST(CellType, KnowsTheDatatypesOfTheStandard) {
  EXPECT_EQ(type_of("unsignedByte").kind, Kind::UnsignedByte);
  EXPECT_EQ(type_of(" double ").kind, Kind::Double);
  EXPECT_EQ(type_of("unicodechar").kind, Kind::UnicodeChar);
  EXPECT_EQ(type_of("string").kind, Kind::Unknown);
}

TEST(CellType, ReadsEveryFormOfArraysize) {
  EXPECT_FALSE(type_of("int").is_array);
  EXPECT_FALSE(type_of("int", "1").is_array);
  EXPECT_EQ(type_of("int", "3").count, 3U);
  EXPECT_EQ(type_of("int", "2x3").count, 6U);
  EXPECT_TRUE(type_of("char", "*").is_variable);
  EXPECT_TRUE(type_of("char", "128*").is_variable);
  EXPECT_TRUE(type_of("char", "2x10x*").is_variable);
}

TEST(CellType, OfAnArraysizeThatIsNoneIsAListOfAnyLength) {
  for (const auto* arraysize : {"x", "many", "-1", "*3", "3.5", "x3"}) {
    EXPECT_TRUE(type_of("int", arraysize).has_unreadable_size) << arraysize;
    EXPECT_EQ(cell("1 2", type_of("int", arraysize)), VotableValue{std::string{"1 2"}}) << arraysize;
  }
  EXPECT_FALSE(type_of("int", "3x").has_unreadable_size);
}

TEST(CellType, DoesNotOverflowOnAnArraysizeThatLies) {
  EXPECT_EQ(type_of("double", "99999999999999999999x9").count, std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(type_of("double", "4294967296x4294967296x4294967296").count, std::numeric_limits<std::uint64_t>::max());
}

TEST(Cell, OfNumbersIsReadByItsDatatype) {
  EXPECT_EQ(cell("42", type_of("long")), VotableValue{std::int64_t{42}});
  EXPECT_EQ(cell(" +7 ", type_of("short")), VotableValue{std::int64_t{7}});
  EXPECT_EQ(cell("0x1F", type_of("int")), VotableValue{std::int64_t{31}});
  EXPECT_EQ(cell("1.5e2", type_of("double")), VotableValue{150.0});
  EXPECT_EQ(cell("0.1", type_of("float")), VotableValue{0.1F});
}

TEST(Cell, OfBooleansIsReadInEverySpelling) {
  for (const auto* yes : {"T", "t", "true", "True", "TRUE", "1"}) {
    EXPECT_EQ(cell(yes, type_of("boolean")), VotableValue{true}) << yes;
  }
  for (const auto* no : {"F", "f", "false", "False", "0"}) {
    EXPECT_EQ(cell(no, type_of("boolean")), VotableValue{false}) << no;
  }
  EXPECT_TRUE(is_null(cell("?", type_of("boolean"))));
}

TEST(Cell, IsNullWhereItIsEmptyOrNaN) {
  EXPECT_TRUE(is_null(cell("", type_of("double"))));
  EXPECT_TRUE(is_null(cell("  ", type_of("char", "*"))));
  EXPECT_TRUE(is_null(cell("NaN", type_of("double"))));
  EXPECT_TRUE(is_null(cell("nan", type_of("float"))));
}

TEST(Cell, IsNullWhereItHasTheDeclaredNull) {
  EXPECT_TRUE(is_null(cell("-1", type_of("long", "", "-1"))));
  EXPECT_TRUE(is_null(cell(" -32768 ", type_of("short", "", " -32768"))));
  EXPECT_TRUE(is_null(cell("-99.0", type_of("double", "", "-99"))));
  EXPECT_TRUE(is_null(cell("n/a", type_of("char", "*", "n/a"))));
  EXPECT_FALSE(is_null(cell("-2", type_of("long", "", "-1"))));
}

TEST(Cell, IsNullWhereANumberCannotBeRead) {
  EXPECT_TRUE(is_null(cell("NULL", type_of("double"))));
  EXPECT_TRUE(is_null(cell("--", type_of("int"))));
  EXPECT_TRUE(is_null(cell("12abc", type_of("int"))));
  EXPECT_TRUE(is_null(cell("99999999999999999999", type_of("long"))));
}

TEST(Cell, HoldsInfinity) {
  EXPECT_EQ(cell("+Inf", type_of("double")), VotableValue{std::numeric_limits<double>::infinity()});
  EXPECT_EQ(cell("-Inf", type_of("float")), VotableValue{-std::numeric_limits<float>::infinity()});
}

TEST(Cell, OfAnArrayIsItsElementsWithOneBlankBetween) {
  EXPECT_EQ(cell(" 1.0\n 2.0   NaN ", type_of("double", "*")), VotableValue{"1.0 2.0 NaN"});
  EXPECT_EQ(cell("1 2", type_of("doubleComplex")), VotableValue{"1 2"});
}

TEST(Cell, OfTextKeepsTheBlanksInside) {
  EXPECT_EQ(cell(" POT032  000002E ", type_of("char", "*")), VotableValue{"POT032  000002E"});
}

TEST(Cell, SpendsTheBudgetOnElements) {
  MemoryBudget budget{3};
  EXPECT_THROW(value_of_text("1 2 3 4", type_of("int", "*"), budget), Error);
}

TEST(NumberOfText, GoesToItsLimitsOutsideTheRangeOfDouble) {
  EXPECT_EQ(number_of_text("1e999"), std::numeric_limits<double>::infinity());
  EXPECT_EQ(number_of_text("-1e999"), -std::numeric_limits<double>::infinity());
  EXPECT_EQ(number_of_text("1e-999"), 0.0);
  EXPECT_TRUE(std::isnan(number_of_text("NaN").value()));
  EXPECT_EQ(number_of_text("+-3"), std::nullopt);
  EXPECT_EQ(number_of_text("3,5"), std::nullopt);
}

TEST(TextOfNumber, IsTheShortestThatGivesTheNumberBack) {
  EXPECT_EQ(text_of_number(0.1), "0.1");
  EXPECT_EQ(text_of_number(0.1F), "0.1");
  EXPECT_EQ(text_of_number(std::numeric_limits<double>::quiet_NaN()), "NaN");
  EXPECT_EQ(text_of_number(-std::numeric_limits<double>::infinity()), "-Inf");
  for (const double number : {156.01124674021, 1.0 / 3, 1e-300, 5e-324, 1.7976931348623157e308}) {
    EXPECT_EQ(number_of_text(text_of_number(number)), number);
  }
}

}  // namespace
}  // namespace platefs::vo
