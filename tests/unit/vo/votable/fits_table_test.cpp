// SPDX-License-Identifier: BSD-3-Clause
#include "vo/votable/fits_table.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "tests/support/fits_builder.h"
#include "tests/support/votable_builder.h"
#include "vo/base/error.h"

namespace platefs::vo {
namespace {

using test::Binary;
using test::Cards;

std::string padded_to_block(std::string bytes) {
  bytes.resize((bytes.size() + 2879) / 2880 * 2880, '\0');
  return bytes;
}

/// A file with one binary table behind an empty primary HDU.
std::string table_file(std::size_t row_bytes, std::size_t rows, const Cards& columns, const std::string& data,
                       std::size_t heap = 0) {
  Cards cards{"XTENSION= 'BINTABLE'",
              "BITPIX  =                    8",
              "NAXIS   =                    2",
              fmt::format("NAXIS1  = {:>20}", row_bytes),
              fmt::format("NAXIS2  = {:>20}", rows),
              fmt::format("PCOUNT  = {:>20}", heap),
              "GCOUNT  =                    1"};
  return test::header_unit(
             {"SIMPLE  =                    T", "BITPIX  =                    8", "NAXIS   =                    0"}) +
         test::header_unit(test::joined(cards, columns)) + padded_to_block(data);
}

Votable read(const std::string& file, std::optional<int> extension = {}) {
  MemoryBudget budget{1'000'000};
  return read_fits_table(test::bytes_of(file), extension, budget);
}

std::string failure_of(const std::string& file, std::optional<int> extension = {}) {
  try {
    read(file, extension);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::Malformed);
    return error.message();
  }
  return {};
}

bool is_null(const VotableValue& value) { return std::holds_alternative<std::monostate>(value); }

TEST(FitsTable, HasTheNamesUnitsAndCellsOfItsColumns) {
  const auto file =
      table_file(16, 2,
                 {"TFIELDS =                    3", "TTYPE1  = 's_ra'", "TFORM1  = 'D'", "TUNIT1  = 'deg'",
                  "TTYPE2  = 'plate'", "TFORM2  = '4A'", "TTYPE3  = 'number'", "TFORM3  = '1J'"},
                 Binary{}.f64(156.011).bytes() + "a001" + Binary{}.i32(7).bytes() + Binary{}.f64(-0.5).bytes() +
                     "b   " + Binary{}.i32(-8).bytes());
  const auto table = read(file);
  ASSERT_EQ(table.fields.size(), 3u);
  EXPECT_EQ(table.fields[0].name, "s_ra");
  EXPECT_EQ(table.fields[0].unit, "deg");
  EXPECT_EQ(table.fields[0].datatype, "double");
  EXPECT_EQ(table.fields[1].datatype, "char");
  EXPECT_EQ(table.fields[2].datatype, "int");
  EXPECT_EQ(table.rows, (VotableRows{{VotableValue{156.011}, VotableValue{"a001"}, VotableValue{std::int64_t{7}}},
                                     {VotableValue{-0.5}, VotableValue{"b"}, VotableValue{std::int64_t{-8}}}}));
}

TEST(FitsTable, AppliesOffsetsAndScalesAndKnowsNulls) {
  const auto file =
      table_file(6, 2,
                 {"TFIELDS =                    2", "TTYPE1  = 'unsigned'", "TFORM1  = 'I'",
                  "TZERO1  =                32768", "TTYPE2  = 'jd'", "TFORM2  = 'J'", "TSCAL2  =                  0.5",
                  "TZERO2  =            2400000.5", "TNULL2  =                   -1"},
                 Binary{}.i16(-32768).i32(3).i16(32767).i32(-1).bytes());
  const auto rows = read(file).rows;
  EXPECT_EQ(rows[0][0], VotableValue{std::int64_t{0}});
  EXPECT_EQ(rows[1][0], VotableValue{std::int64_t{65535}});
  EXPECT_EQ(rows[0][1], VotableValue{2400002.0});
  EXPECT_TRUE(is_null(rows[1][1]));
}

TEST(FitsTable, ReadsArraysAndTextsOfItsHeap) {
  const auto data = Binary{}.f32(1.5F).f32(-2).i32(5).i32(0).i32(0).i32(0).bytes() + "plate";
  const auto file = table_file(24, 1,
                               {"TFIELDS =                    3", "TTYPE1  = 'pair'", "TFORM1  = '2E'",
                                "TTYPE2  = 'path'", "TFORM2  = '1PA(40)'", "TTYPE3  = 'none'", "TFORM3  = '1PA(0)'"},
                               data, 5);
  const auto rows = read(file).rows;
  EXPECT_EQ(rows[0][0], VotableValue{"1.5 -2"});
  EXPECT_EQ(rows[0][1], VotableValue{"plate"});
  EXPECT_TRUE(is_null(rows[0][2]));
}

TEST(FitsTable, SaysWhatIsWrongWithABrokenOne) {
  const Cards one{"TFIELDS =                    1", "TTYPE1  = 'x'", "TFORM1  = 'D'"};
  EXPECT_THAT(failure_of(table_file(8, 1000, one, std::string(80, 'x'))), testing::HasSubstr("1000 rows"));
  EXPECT_THAT(failure_of(table_file(4, 1, one, std::string(8, 'x'))), testing::HasSubstr("NAXIS1"));
  EXPECT_THAT(failure_of(table_file(8, 1, {"TFIELDS =                    1", "TFORM1  = '8Z'"}, std::string(8, 'x'))),
              testing::HasSubstr("TFORM1"));
  EXPECT_THAT(failure_of(table_file(0, 1'000'000'000, {"TFIELDS =                    0"}, "")),
              testing::HasSubstr("no bytes"));
  EXPECT_THAT(failure_of(table_file(8, 1, {"TFIELDS =                    1", "TFORM1  = '1PJ(3)'"},
                                    Binary{}.i32(1'000'000).i32(0).bytes())),
              testing::HasSubstr("heap"));
  EXPECT_THAT(failure_of(table_file(8, 1, one, std::string(8, 'x')), 0), testing::HasSubstr("HDU 0"));
  EXPECT_THAT(failure_of("no file"), testing::HasSubstr("FITS"));
}

TEST(FitsTable, IsReadOutOfAVotable) {
  const auto file = test::base64_of(table_file(
      8, 1, {"TFIELDS =                    1", "TTYPE1  = 's_ra'", "TFORM1  = 'D'"}, Binary{}.f64(10.5).bytes()));
  const auto document = [&](const std::string& fields) {
    return "<VOTABLE><RESOURCE type=\"results\"><TABLE>" + fields +
           "<DATA><FITS extnum=\"1\"><STREAM encoding=\"base64\">" + file +
           "</STREAM></FITS></DATA></TABLE></RESOURCE></VOTABLE>";
  };
  const std::string field = "<FIELD name=\"s_ra\" datatype=\"double\" unit=\"deg\"/>";
  EXPECT_EQ(read_votable(document(field)).rows, (VotableRows{{VotableValue{10.5}}}));
  EXPECT_THROW(read_votable(document(field + field)), Error);
}

}  // namespace
}  // namespace platefs::vo
