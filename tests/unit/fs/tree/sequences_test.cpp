// SPDX-License-Identifier: BSD-3-Clause
#include "fs/tree/sequences.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "tests/support/scratch_directory.h"
#include "tests/support/snapshot_builder.h"

namespace platefs::fs {
namespace {

using test::target_at;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class SequencesTest : public testing::Test {
 protected:
  void write(const std::filesystem::path& file, const std::string& text) {
    std::filesystem::create_directories((directory_ / file).parent_path());
    std::ofstream{directory_ / file} << text;
  }
  Sequences made(const std::string& file = {}) {
    return {{file.empty() ? std::filesystem::path{} : directory_ / file,
             {directory_ / "user/sequences", directory_ / "system/sequences"}},
            [this](std::string_view line) { warned_.emplace_back(line); }};
  }

  test::ScratchDirectory scratch_;
  std::filesystem::path directory_ = scratch_.path();
  std::vector<std::string> warned_;
};

constexpr const char* kOneStar = "name,ra,dec,mag\na,156.01,48.1,11\n";

TEST_F(SequencesTest, OfATargetAreFoundByItsNameHoweverItIsWritten) {
  write("user/sequences/ag_dra.csv", kOneStar);
  const auto sequences = made();
  auto target = target_at(156, 48.1, "AG Dra");
  ASSERT_NE(sequences.of(target), nullptr);
  EXPECT_EQ(sequences.of(target)->stars.front().letters, "a");
  target.years = Years{1890, 1920};
  EXPECT_NE(sequences.of(target), nullptr);
  EXPECT_EQ(sequences.of(target_at(156, 48.1)), nullptr);
}

TEST_F(SequencesTest, OfATargetAreFoundByItsPlace) {
  write("user/sequences/10:24:00+48:06:00.csv", kOneStar);
  const auto sequences = made();
  EXPECT_NE(sequences.of(target_at(156, 48.1, "AG Dra")), nullptr);
  EXPECT_EQ(sequences.of(target_at(156.1, 48.1)), nullptr);
}

TEST_F(SequencesTest, OfTheUserWinOverThoseOfTheSystemAndTheFileForAll) {
  write("system/sequences/AG Dra.csv", "name,ra,dec,mag\ns,156.01,48.1,11\n");
  write("all.csv", "name,ra,dec,mag\nx,156.01,48.1,11\ny,200,10,9\n");
  EXPECT_EQ(made("all.csv").of(target_at(156, 48.1, "AG Dra"))->stars.front().name, "s");
  write("user/sequences/AG Dra.csv", "name,ra,dec,mag\nu,156.01,48.1,11\n");
  EXPECT_EQ(made("all.csv").of(target_at(156, 48.1, "AG Dra"))->stars.front().name, "u");
  const auto sequences = made("all.csv");
  EXPECT_EQ(sequences.of(target_at(156, 48.1))->stars.front().name, "x");
  EXPECT_EQ(sequences.of(target_at(300, 0)), nullptr);
}

TEST_F(SequencesTest, ThatCanNotBeUsedSayWhy) {
  write("user/sequences/AG_Dra.csv", "name,ra,dec,mag\na,156.01,48.1,bright\n");
  const auto sequences = made();
  const auto sequence = sequences.of(target_at(156, 48.1, "AG Dra"));
  ASSERT_NE(sequence, nullptr);
  EXPECT_THAT(sequence->stars, IsEmpty());
  EXPECT_THAT(sequence->problem, HasSubstr("AG_Dra.csv: line 2"));
  sequences.of(target_at(156, 48.1, "AG Dra"));
  EXPECT_THAT(warned_, ElementsAre(HasSubstr("'bright' is no magnitude")));
}

TEST_F(SequencesTest, AreNoneWithoutAFileOrAFolder) {
  EXPECT_EQ(made().of(target_at(156, 48.1)), nullptr);
  EXPECT_THAT(warned_, IsEmpty());
}

}  // namespace
}  // namespace platefs::fs
