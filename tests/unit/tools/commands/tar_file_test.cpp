// SPDX-License-Identifier: BSD-3-Clause
#include "tools/commands/tar_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <numeric>

#include "vo/base/error.h"

namespace platefs::test {
namespace {

namespace stdfs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using tools::names_at_root;
using tools::tar_header;
using tools::TarFile;

/// A directory that goes with the test.
class Scratch {
 public:
  Scratch() : path_(stdfs::temp_directory_path() / fmt::format("platefs-tar-{}", ::getpid())) {
    stdfs::create_directories(path_);
  }
  ~Scratch() { stdfs::remove_all(path_); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  stdfs::path file() const { return path_ / "a.tar"; }
  std::string content() const {
    std::ifstream stream{file(), std::ios::binary};
    return {std::istreambuf_iterator<char>{stream}, {}};
  }
  auto files() const { return std::distance(stdfs::directory_iterator{path_}, {}); }

 private:
  stdfs::path path_;
};

/// The sum that the standard wants in the header, with blanks in its own place.
unsigned sum_of(std::string header) {
  header.replace(148, 8, "        ");
  return std::accumulate(header.begin(), header.end(), 0u,
                         [](unsigned sum, char each) { return sum + static_cast<unsigned char>(each); });
}

void expect_sum(const std::string& header) { EXPECT_EQ(std::stoul(header.substr(148, 6), nullptr, 8), sum_of(header)); }

TEST(TarHeader, OfAShortNameIsOneBlockOfUstar) {
  const auto header = tar_header("M31/plates.csv", 1234, 1700000000);
  ASSERT_EQ(header.size(), 512u);
  EXPECT_EQ(header.substr(0, 15), std::string("M31/plates.csv\0", 15));
  EXPECT_EQ(header.substr(257, 8), std::string("ustar\00000", 8));
  EXPECT_EQ(std::stoul(header.substr(124, 11), nullptr, 8), 1234u);
  EXPECT_EQ(header[156], '0');
  expect_sum(header);
}

TEST(TarHeader, OfAnotherNameSaysOfWhatAndHasNoBytes) {
  const auto header = tar_header("M31/cutouts/a.fits", 0, 1, "M31/a/cutout.fits");
  EXPECT_EQ(header[156], '1');
  EXPECT_EQ(header.substr(157, 18), std::string("M31/a/cutout.fits\0", 18));
}

TEST(TarHeader, TellsInRecordsWhatDoesNotFit) {
  const std::string path(180, 'x');
  const auto header = tar_header(path, 9ull << 30, 0);
  ASSERT_EQ(header.size(), 3 * 512u);
  EXPECT_EQ(header[156], 'x');
  EXPECT_THAT(header.substr(512, 512), HasSubstr("190 path=" + path + "\n"));
  EXPECT_THAT(header.substr(512, 512), HasSubstr("19 size=9663676416\n"));
  EXPECT_EQ(std::stoul(header.substr(124, 11), nullptr, 8), 190u + 19u);
  expect_sum(header.substr(0, 512));
  expect_sum(header.substr(1024));
  EXPECT_EQ(tar_header("\xce\xb1 Cen/plates.csv", 1, 1).size(), 3 * 512u);
}

TEST(TarFile, IsThereWhenItIsFinishedAndNotBefore) {
  const Scratch scratch;
  {
    TarFile broken_off{scratch.file()};
    broken_off.add("a", "text");
    EXPECT_FALSE(stdfs::exists(scratch.file()));
  }
  EXPECT_EQ(scratch.files(), 0);
  TarFile tar{scratch.file()};
  tar.add("a", "text");
  tar.finish();
  EXPECT_EQ(stdfs::file_size(scratch.file()) % 10240, 0u);
  EXPECT_EQ(scratch.content().substr(512, 5), std::string("text\0", 5));
}

TEST(TarFile, HasNothingOfAFileThatCouldNotBeBroughtWhole) {
  const Scratch scratch;
  TarFile tar{scratch.file()};
  const auto bytes = std::as_bytes(std::span{std::string_view{"0123456789"}});
  EXPECT_THROW(tar.add("short", 11, [&](const TarFile::Take& take) { take(bytes); }), vo::Error);
  EXPECT_THROW(tar.add("broken", 10,
                       [&](const TarFile::Take& take) {
                         take(bytes);
                         throw vo::Error{vo::ErrorKind::Changed, "replaced"};
                       }),
               vo::Error);
  tar.add(
      "whole", 10, [&](const TarFile::Take& take) { take(bytes); }, "other");
  tar.finish();
  const auto content = scratch.content();
  EXPECT_EQ(content.substr(0, 6), std::string("whole\0", 6));
  EXPECT_EQ(content.substr(1024, 6), std::string("other\0", 6));
  EXPECT_EQ(content.find("short"), std::string::npos);
  EXPECT_EQ(content.find("broken"), std::string::npos);
}

TEST(TarFile, IsWrittenByOneAtATime) {
  const Scratch scratch;
  {
    TarFile first{scratch.file()};
    first.add("a", "text");
    EXPECT_THROW(TarFile{scratch.file()}, vo::Error);
    first.finish();
    TarFile next{scratch.file()};
    next.add("b", "text");
    EXPECT_THROW(TarFile{scratch.file()}, vo::Error);
    EXPECT_THAT(names_at_root(scratch.file()), ElementsAre("a"));
    next.finish();
  }
  EXPECT_THAT(names_at_root(scratch.file()), ElementsAre("b"));
  EXPECT_EQ(scratch.files(), 1);
}

TEST(TarFile, TellsWhatIsAtItsRootAndNothingOfWhatIsNoTar) {
  const Scratch scratch;
  {
    TarFile tar{scratch.file()};
    tar.add("M31/" + std::string(150, 'x'), "text");
    tar.add("M31/a", std::string(3000, 'y'));
    tar.add(
        "b", 3, [&](const TarFile::Take& take) { take(std::as_bytes(std::span{std::string_view{"bbb"}})); }, "M31/b");
    tar.add("c", "");
    tar.finish();
  }
  EXPECT_THAT(names_at_root(scratch.file()), ElementsAre("b", "c"));
  std::ofstream{scratch.file()} << std::string(5000, 'x');
  EXPECT_THAT(names_at_root(scratch.file()), IsEmpty());
  stdfs::remove(scratch.file());
  EXPECT_THAT(names_at_root(scratch.file()), IsEmpty());
}

}  // namespace
}  // namespace platefs::test
