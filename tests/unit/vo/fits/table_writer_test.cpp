// SPDX-License-Identifier: BSD-3-Clause
#include "vo/fits/table_writer.h"

#include <fitsio.h>
#include <gtest/gtest.h>

#include <cmath>

namespace platefs::vo {
namespace {

VotableField field(const std::string& name, const std::string& datatype, const std::string& arraysize = "") {
  VotableField made;
  made.name = name;
  made.datatype = datatype;
  made.arraysize = arraysize;
  return made;
}

VotableDocument sample() {
  VotableDocument table;
  table.table_name = "plates";
  table.description = "Plates of somewhere";
  table.fields = {field("plate", "char", "*"), field("jyear", "double"), field("n", "int"), field("ok", "boolean"),
                  field("size", "float")};
  table.fields[1].unit = "yr";
  table.fields[1].ucd = "time.epoch";
  table.fields[1].description = "Start of the exposure, told at such a length that it does not fit in one card";
  table.rows = {{std::string{"1890_ä"}, 1890.375, std::int64_t{7}, true, 1.5f},
                {std::string{"b"}, {}, {}, {}, {}},
                {std::string{"c"}}};
  return table;
}

/// A FITS file in memory, read by cfitsio.
class Reader {
 public:
  explicit Reader(std::string bytes) : bytes_(std::move(bytes)), data_(bytes_.data()), size_(bytes_.size()) {
    fits_open_memfile(&file, "x.fits", READONLY, &data_, &size_, 0, nullptr, &status);
    fits_movabs_hdu(file, 2, nullptr, &status);
  }
  ~Reader() {
    int ignored = 0;
    fits_close_file(file, &ignored);
  }
  std::string key(const char* name) {
    char* value = nullptr;
    fits_read_key_longstr(file, name, &value, nullptr, &status);
    std::string text = value == nullptr ? "" : value;
    if (value != nullptr) fits_free_memory(value, &status);
    return text;
  }

  fitsfile* file = nullptr;
  int status = 0;

 private:
  std::string bytes_;
  void* data_;
  std::size_t size_;
};

TEST(FitsTable, KeepsNamesUnitsUcdsAndDescriptions) {
  const auto bytes = fits_table(sample());
  EXPECT_EQ(bytes.size() % 2880, 0u);
  Reader reader{bytes};
  EXPECT_EQ(reader.key("EXTNAME"), "plates");
  EXPECT_EQ(reader.key("TTYPE2"), "jyear");
  EXPECT_EQ(reader.key("TUNIT2"), "yr");
  EXPECT_EQ(reader.key("TUCD2"), "time.epoch");
  EXPECT_EQ(reader.key("TCOMM2"), sample().fields[1].description);
  EXPECT_EQ(reader.key("TFORM1"), "6A");
  EXPECT_EQ(reader.status, 0);
}

TEST(FitsTable, KeepsValuesAndNulls) {
  Reader reader{fits_table(sample())};
  long rows = 0;
  fits_get_num_rows(reader.file, &rows, &reader.status);
  ASSERT_EQ(rows, 3);
  char text[16] = {}, *texts[] = {text};
  fits_read_col_str(reader.file, 1, 1, 1, 1, nullptr, texts, nullptr, &reader.status);
  EXPECT_STREQ(text, "1890_?");
  double years[3] = {};
  fits_read_col_dbl(reader.file, 2, 1, 1, 3, 0, years, nullptr, &reader.status);
  EXPECT_EQ(years[0], 1890.375);
  EXPECT_TRUE(std::isnan(years[1]) && std::isnan(years[2]));
  int numbers[3] = {}, any = 0;
  char is_null[3] = {};
  fits_read_colnull_int(reader.file, 3, 1, 1, 3, numbers, is_null, &any, &reader.status);
  EXPECT_EQ(numbers[0], 7);
  EXPECT_TRUE(!is_null[0] && is_null[1] && is_null[2]);
  char truths[3] = {};
  fits_read_colnull_log(reader.file, 4, 1, 1, 3, truths, is_null, &any, &reader.status);
  EXPECT_TRUE(truths[0] == 1 && !is_null[0] && is_null[1]);
  EXPECT_EQ(reader.status, 0);
}

TEST(FitsTable, IsTheSameBytesEachTimeAndTakesNoRows) {
  EXPECT_EQ(fits_table(sample()), fits_table(sample()));
  auto empty = sample();
  empty.rows.clear();
  Reader reader{fits_table(empty)};
  long rows = -1;
  fits_get_num_rows(reader.file, &rows, &reader.status);
  EXPECT_EQ(rows, 0);
}

TEST(FitsTable, DoesNotGrowByTheLongestTextTimesTheRows) {
  VotableDocument table;
  table.fields = {field("plate", "char", "*"), field("s_region", "char", "*"), field("n", "int")};
  const std::string longest(20'000, 'x');
  for (std::int64_t row = 0; row < 1000; ++row) {
    table.rows.push_back({std::string{"p"}, row == 500 ? longest : std::string{"Circle"}, row});
  }
  const auto bytes = fits_table(table);
  EXPECT_LT(bytes.size(), 1'000'000u);
  Reader reader{bytes};
  long length = 0, place = 0;
  fits_read_descript(reader.file, 2, 501, &length, &place, &reader.status);
  EXPECT_EQ(length, 20'000);
  std::vector<char> cell(longest.size() + 1);
  char* cells[] = {cell.data()};
  int any_null = 0;
  fits_read_col_str(reader.file, 2, 1000, 1, 1, nullptr, cells, &any_null, &reader.status);
  EXPECT_STREQ(cell.data(), "Circle");
  long number = 0;
  fits_read_col_lng(reader.file, 3, 1000, 1, 1, 0, &number, &any_null, &reader.status);
  EXPECT_EQ(number, 999);
  EXPECT_EQ(reader.status, 0);
}

TEST(FitsTable, CutsATextThatIsLongerThanItCanHold) {
  VotableDocument table;
  table.fields = {field("s_region", "char", "*")};
  table.rows = {{std::string(200'000, 'x')}};
  Reader reader{fits_table(table)};
  EXPECT_EQ(reader.key("TFORM1"), "28000A");
  std::vector<char> cell(28'001);
  char* cells[] = {cell.data()};
  int any_null = 0;
  fits_read_col_str(reader.file, 1, 1, 1, 1, nullptr, cells, &any_null, &reader.status);
  EXPECT_TRUE(std::string{cell.data()}.ends_with("xxx..."));
  EXPECT_EQ(reader.status, 0);
}

TEST(FitsTable, HasAsManyColumnsAsFitsAllows) {
  VotableDocument table;
  for (int i = 0; i < 1200; ++i) table.fields.push_back(field("c" + std::to_string(i), "int"));
  Reader reader{fits_table(table)};
  EXPECT_EQ(reader.key("TFIELDS"), "999");
  EXPECT_EQ(reader.key("TTYPE999"), "c998");
}

}  // namespace
}  // namespace platefs::vo
