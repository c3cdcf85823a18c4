// SPDX-License-Identifier: BSD-3-Clause
#include "vo/votable/binary.h"

#include <limits>

#include "tests/support/votable_builder.h"
#include "vo/base/error.h"

namespace platefs::vo {
namespace {

using test::Binary;
using Rows = VotableRows;

CellType column(const std::string& datatype, const std::string& arraysize = {}, std::optional<std::string> null = {}) {
  VotableField field;
  field.datatype = datatype;
  field.arraysize = arraysize;
  field.null = std::move(null);
  return cell_type(field);
}

Rows rows(const std::string& stream, const std::vector<CellType>& columns, BinaryForm form = BinaryForm::Binary,
          std::uint64_t bytes = 1'000'000) {
  MemoryBudget budget{bytes};
  return read_binary_rows(stream, columns, form, budget);
}

VotableValue only_cell(const std::string& stream, const CellType& type) {
  const auto read = rows(stream, {type});
  EXPECT_EQ(read.size(), 1U);
  return read.at(0).at(0);
}

bool is_null(const VotableValue& value) { return std::holds_alternative<std::monostate>(value); }

TEST(BinaryRows, HoldEveryDatatypeInNetworkOrder) {
  EXPECT_EQ(only_cell(Binary{}.u8(200).bytes(), column("unsignedByte")), VotableValue{std::int64_t{200}});
  EXPECT_EQ(only_cell(Binary{}.i16(-2).bytes(), column("short")), VotableValue{std::int64_t{-2}});
  EXPECT_EQ(only_cell(Binary{}.i32(-70000).bytes(), column("int")), VotableValue{std::int64_t{-70000}});
  EXPECT_EQ(only_cell(Binary{}.i64(1276683840).bytes(), column("long")), VotableValue{std::int64_t{1276683840}});
  EXPECT_EQ(only_cell(Binary{}.f32(0.5F).bytes(), column("float")), VotableValue{0.5F});
  EXPECT_EQ(only_cell(Binary{}.f64(48.148).bytes(), column("double")), VotableValue{48.148});
  EXPECT_EQ(only_cell("T", column("boolean")), VotableValue{true});
  EXPECT_EQ(only_cell("f", column("boolean")), VotableValue{false});
  EXPECT_EQ(only_cell("\x80", column("bit")), VotableValue{std::int64_t{1}});
  EXPECT_EQ(only_cell(Binary{}.f32(1).f32(-2).bytes(), column("floatComplex")), VotableValue{"1 -2"});
}

TEST(BinaryRows, AreTheSameHoweverTheStreamIsCutInPieces) {
  const std::vector<CellType> columns{column("char", "*"),        column("short"),
                                      column("bit", "11"),        column("double", "2"),
                                      column("unicodeChar", "3"), column("int", "*")};
  std::string stream;
  for (int i = 0; i < 5; ++i) {
    stream +=
        "\x08" + Binary{}.text("plate " + std::to_string(i * 1000)).i16(-3).u8(0xA5).u8(0x60).f64(1.5).f64(i).bytes();
    stream += std::string{"\0a\0b\0c", 6} + Binary{}.i32(2).i32(7).i32(i).bytes();
  }
  const auto whole = rows(stream, columns, BinaryForm::Binary2);
  ASSERT_EQ(whole.size(), 5U);
  for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, std::size_t{64}, stream.size(), stream.size() + 1}) {
    std::size_t at = 0;
    MemoryBudget budget{1'000'000};
    const auto read = read_binary_rows(
        [&](std::string& bytes) {
          bytes += stream.substr(at, piece);
          at = std::min(at + piece, stream.size());
          return at < stream.size();
        },
        columns, BinaryForm::Binary2, budget);
    EXPECT_EQ(read, whole) << piece;
  }
  MemoryBudget budget{1'000'000};
  EXPECT_THROW(read_binary_rows(
                   [&](std::string& bytes) {
                     bytes += stream.substr(0, stream.size() - 1);
                     return false;
                   },
                   columns, BinaryForm::Binary2, budget),
               Error);
}

TEST(BinaryRows, EndFixedTextAtItsFirstNul) {
  using namespace std::string_view_literals;
  EXPECT_EQ(only_cell(std::string{"b01\0\0xyz"sv}, column("char", "8")), VotableValue{"b01"});
  EXPECT_EQ(only_cell("b01     ", column("char", "8")), VotableValue{"b01"});
  EXPECT_TRUE(is_null(only_cell(std::string(8, '\0'), column("char", "8"))));
}

TEST(BinaryRows, TakeBoundedTextByTheLengthInFront) {
  const auto read = rows(Binary{}.text("image/fits").text("x").bytes(), {column("char", "128*")});
  EXPECT_EQ(read, (Rows{{VotableValue{"image/fits"}}, {VotableValue{"x"}}}));
}

TEST(BinaryRows, CountUnicodeInCharactersNotBytes) {
  using namespace std::string_view_literals;
  EXPECT_EQ(only_cell(Binary{}.i32(2).raw("\0M\0\xfc"sv).bytes(), column("unicodeChar", "*")),
            VotableValue{"M\xc3\xbc"});
}

TEST(BinaryRows, WriteArraysElementByElement) {
  EXPECT_EQ(only_cell(Binary{}.i32(3).f64(1).f64(std::numeric_limits<double>::quiet_NaN()).f64(2.5).bytes(),
                      column("double", "*")),
            VotableValue{"1 NaN 2.5"});
  EXPECT_EQ(only_cell("\xa0\x80", column("bit", "9")), VotableValue{"1 0 1 0 0 0 0 0 1"});
  EXPECT_EQ(only_cell("T F", column("boolean", "3")), VotableValue{"true ? false"});
  EXPECT_TRUE(is_null(only_cell(Binary{}.i32(0).bytes(), column("double", "*"))));
}

TEST(BinaryRows, AreNullByTheDeclaredValueAndByNaN) {
  EXPECT_TRUE(is_null(only_cell(Binary{}.i64(-1).bytes(), column("long", "", "-1"))));
  EXPECT_TRUE(is_null(only_cell(Binary{}.f32(std::numeric_limits<float>::quiet_NaN()).bytes(), column("float"))));
}

TEST(Binary2Rows, AreNullByTheirFlagsAlone) {
  // DaCHS writes a null long as 0 with its flag set, whatever VALUES declares.
  const std::vector<CellType> columns{column("long", "", "-1"), column("char", "*"), column("short")};
  const auto read =
      rows(Binary{}.u8(0xC0).i64(0).text("").i16(7).bytes() + Binary{}.u8(0x00).i64(0).text("x").i16(8).bytes(),
           columns, BinaryForm::Binary2);
  ASSERT_EQ(read.size(), 2U);
  EXPECT_TRUE(is_null(read[0][0]));
  EXPECT_TRUE(is_null(read[0][1]));
  EXPECT_EQ(read[0][2], VotableValue{std::int64_t{7}});
  EXPECT_EQ(read[1][0], VotableValue{std::int64_t{0}});
}

TEST(Binary2Rows, SkipTheBytesOfAFlaggedCellByItsCount) {
  const std::vector<CellType> columns{column("char", "*"), column("int")};
  const auto read = rows(Binary{}.u8(0x80).text("ghost").i32(5).bytes(), columns, BinaryForm::Binary2);
  EXPECT_TRUE(is_null(read.at(0).at(0)));
  EXPECT_EQ(read.at(0).at(1), VotableValue{std::int64_t{5}});
}

TEST(Binary2Rows, HaveOneFlagByteForEachEightColumns) {
  const std::vector<CellType> nine(9, column("unsignedByte"));
  const auto read = rows(Binary{}.u8(0x01).u8(0x80).raw("123456789").bytes(), nine, BinaryForm::Binary2);
  EXPECT_FALSE(is_null(read.at(0).at(6)));
  EXPECT_TRUE(is_null(read.at(0).at(7)));
  EXPECT_TRUE(is_null(read.at(0).at(8)));
}

TEST(BinaryRows, RefuseAStreamThatEndsInsideARow) {
  EXPECT_THROW(rows(Binary{}.i64(1).i32(2).bytes(), {column("long")}), Error);
  EXPECT_THROW(rows(Binary{}.i32(10).raw("short").bytes(), {column("char", "*")}), Error);
  EXPECT_THROW(rows("\x01\x02", {column("int")}), Error);
}

TEST(BinaryRows, TakeNoMemoryOnTheWordOfACount) {
  EXPECT_THROW(rows(Binary{}.i32(std::numeric_limits<std::int32_t>::max()).bytes(), {column("char", "*")}), Error);
  EXPECT_THROW(rows(Binary{}.i32(std::numeric_limits<std::int32_t>::max()).bytes(), {column("double", "*")}), Error);
  EXPECT_THROW(rows(Binary{}.i32(-1).bytes(), {column("char", "*")}), Error);
  EXPECT_THROW(rows("abc", {column("unicodeChar", "18446744073709551615")}), Error);
  EXPECT_THROW(rows("abc", {column("bit", "18446744073709551615")}), Error);
}

TEST(BinaryRows, RefuseColumnsWithoutBytes) {
  EXPECT_THROW(rows("abc", {}), Error);
  EXPECT_THROW(rows("abc", {column("char", "0")}), Error);
}

TEST(BinaryRows, RefuseADatatypeOfUnknownWidth) { EXPECT_THROW(rows("", {column("string")}), Error); }

TEST(BinaryRows, AreBoundedByTheBudget) {
  EXPECT_THROW(rows(std::string(1000, 'x'), {column("unsignedByte")}, BinaryForm::Binary, 100), Error);
}

}  // namespace
}  // namespace platefs::vo
