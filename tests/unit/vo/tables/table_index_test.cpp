// SPDX-License-Identifier: BSD-3-Clause
#include "vo/tables/table_index.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <fstream>
#include <random>
#include <set>
#include <sstream>

#include "tests/support/scratch_directory.h"
#include "vo/base/error.h"
#include "vo/tables/table_file.h"

namespace platefs::vo {
namespace {

struct Field {
  double ra, dec, radius;
};

IcrsPosition at(double ra, double dec) { return IcrsPosition::at(Angle::degrees(ra), Angle::degrees(dec)); }

class TableIndexes : public ::testing::Test {
 protected:
  std::shared_ptr<const TableIndex> index_of(const std::vector<Field>& fields) {
    TableIndexBuilder builder{file_};
    for (std::size_t i = 0; i < fields.size(); ++i) {
      builder.add(at(fields[i].ra, fields[i].dec), Angle::degrees(fields[i].radius), "row " + std::to_string(i));
    }
    builder.finish({"source", "version", "<frame/>"});
    return TableIndex::open(file_);
  }
  static std::vector<std::uint32_t> numbers(const TableIndex& index, double ra, double dec) {
    std::vector<std::uint32_t> numbers;
    for (const auto& row : index.rows_at(at(ra, dec), 100'000)) numbers.push_back(row.number);
    return numbers;
  }

  test::ScratchDirectory directory_;
  std::filesystem::path file_ = directory_.path() / "a.index";
};

using Numbers = std::vector<std::uint32_t>;

TEST_F(TableIndexes, GiveTheRowsBackAsTheyWerePutIn) {
  const auto index = index_of({{10, 20, 1}, {10.5, 20, 1}, {50, 20, 1}});
  EXPECT_EQ(index->head().source, "source");
  EXPECT_EQ(index->head().version, "version");
  EXPECT_EQ(index->head().frame, "<frame/>");
  EXPECT_EQ(index->head().rows, 3U);
  const auto rows = index->rows_at(at(10.2, 20), 10);
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[1].bytes, "row 1");
}

TEST_F(TableIndexes, FindAcrossTheMeridianWhereRightAscensionBegins) {
  const auto index = index_of({{359.5, 0, 1}, {0.2, 0, 1}, {359.99, 80, 1}, {180, 0, 1}});
  EXPECT_EQ(numbers(*index, 0, 0), (Numbers{0, 1}));
  EXPECT_EQ(numbers(*index, 359.9, 0), (Numbers{0, 1}));
  EXPECT_EQ(numbers(*index, 4, 80), (Numbers{2})) << "degrees of right ascension are short there";
}

TEST_F(TableIndexes, FindAtThePolesWhateverTheRightAscension) {
  const auto index = index_of({{0, 89.5, 1}, {120, 89.5, 1}, {240, -89.9, 1}, {10, 85, 1}});
  EXPECT_EQ(numbers(*index, 270, 90), (Numbers{0, 1}));
  EXPECT_EQ(numbers(*index, 180, 89.9), (Numbers{0, 1}));
  EXPECT_EQ(numbers(*index, 0, -90), (Numbers{2}));
}

TEST_F(TableIndexes, FindFieldsThatAreHugeAmongSmallOnes) {
  const auto index = index_of({{0, 0, 180}, {100, 60, 40}, {200, 10, 0.05}, {200, 10, 0}});
  EXPECT_EQ(numbers(*index, 200, 10), (Numbers{0, 2, 3}));
  EXPECT_EQ(numbers(*index, 300, 85), (Numbers{0, 1})) << "beyond the pole";
}

TEST_F(TableIndexes, OfMoreRowsThanAreWantedGiveOneMore) {
  const auto index = index_of(std::vector<Field>(3000, Field{10, 10, 1}));
  EXPECT_EQ(index->rows_at(at(10, 10), 1500).size(), 1501U);
  EXPECT_EQ(index->rows_at(at(10, 10), 3000).size(), 3000U);
}

TEST_F(TableIndexes, FindWhatAComparisonOfAllFinds) {
  std::mt19937 random{17};
  std::uniform_real_distribution<double> turn{0, 360}, sine{-1, 1}, size{-3, 1.8};
  std::vector<Field> fields;
  for (int i = 0; i < 20'000; ++i) {
    fields.push_back({turn(random), Angle::radians(std::asin(sine(random))).as_degrees(), std::pow(10, size(random))});
  }
  const auto index = index_of(fields);
  for (int i = 0; i < 300; ++i) {
    const double dec = i < 20 ? 90 : i < 40 ? -89.99 : Angle::radians(std::asin(sine(random))).as_degrees();
    const double ra = i % 7 == 0 ? 0 : turn(random);
    Numbers expected;
    for (std::uint32_t n = 0; n < fields.size(); ++n) {
      const double distance = separation(at(fields[n].ra, fields[n].dec), at(ra, dec)).as_degrees();
      if (distance <= fields[n].radius) expected.push_back(n);
    }
    const auto found = numbers(*index, ra, dec);
    // Those on the very edge may be there as well.
    ASSERT_TRUE(std::ranges::includes(found, expected)) << ra << " " << dec;
    ASSERT_LE(found.size(), expected.size() + 1);
  }
}

std::string bytes_in(const std::filesystem::path& file) {
  std::ostringstream bytes;
  bytes << std::ifstream{file, std::ios::binary}.rdbuf();
  return bytes.str();
}

TEST_F(TableIndexes, ThatAreDamagedAtAnyByteAreRefusedOrGiveTheSame) {
  const auto whole_rows = index_of({{10, 20, 1}, {10.5, 20, 3}, {50, 20, 1}})->rows_at(at(10.2, 20), 10).size();
  const auto sound = bytes_in(file_);
  for (std::size_t i = 0; i < sound.size(); ++i) {
    auto damaged = sound;
    damaged[i] = static_cast<char>(damaged[i] ^ 0x41);
    std::ofstream{file_, std::ios::binary | std::ios::trunc} << damaged;
    try {
      const auto rows = TableIndex::open(file_)->rows_at(at(10.2, 20), 10);
      ASSERT_EQ(rows.size(), whole_rows) << "byte " << i;
      for (const auto& row : rows) ASSERT_TRUE(row.bytes.starts_with("row ")) << "byte " << i;
    } catch (const Error& error) {
      ASSERT_EQ(error.kind(), ErrorKind::Corrupt) << "byte " << i;
    }
  }
}

TEST_F(TableIndexes, ThatAreCutShortAnywhereAreRefused) {
  index_of({{10, 20, 1}, {10.5, 20, 3}});
  const auto sound = bytes_in(file_);
  for (std::size_t size = 0; size < sound.size(); ++size) {
    std::ofstream{file_, std::ios::binary | std::ios::trunc} << sound.substr(0, size);
    EXPECT_THROW(TableIndex::open(file_), Error) << size;
  }
}

TEST_F(TableIndexes, StayAsTheyWereUntilTheNextIsWhole) {
  index_of({{10, 20, 1}});
  const auto before = bytes_in(file_);
  {
    TableIndexBuilder builder{file_};
    builder.add(at(1, 1), Angle::degrees(1), "other");
    EXPECT_EQ(bytes_in(file_), before);
  }
  EXPECT_EQ(bytes_in(file_), before);
  std::size_t files = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator{directory_.path()}) ++files;
  EXPECT_EQ(files, 1U) << "nothing is left of what was not finished";
}

TEST(TableVersion, ChangesWithTheFile) {
  const test::ScratchDirectory directory;
  const auto file = directory.path() / "t.csv";
  std::ofstream{file} << "a\n";
  const auto before = version_of_file(file);
  EXPECT_EQ(version_of_file(file), before);
  std::ofstream{file} << "b\nc\n";
  EXPECT_NE(version_of_file(file), before);
  EXPECT_THROW(version_of_file(directory.path()), Error) << "a folder";
}

}  // namespace
}  // namespace platefs::vo
