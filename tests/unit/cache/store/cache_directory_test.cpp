// SPDX-License-Identifier: BSD-3-Clause
#include "cache/store/cache_directory.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "tests/support/scratch_directory.h"

namespace platefs::test {
namespace {

namespace stdfs = std::filesystem;

int mode_of(const stdfs::path& path) {
  struct stat facts {};
  return ::stat(path.c_str(), &facts) == 0 ? static_cast<int>(facts.st_mode & 0777) : -1;
}

stdfs::path open_directory_in(const ScratchDirectory& scratch) {
  const auto made = scratch.path() / "cache";
  stdfs::create_directory(made);
  stdfs::permissions(made, stdfs::perms{0755});
  return made;
}

TEST(CacheDirectory, IsItsUsersAloneWhoeverMadeIt) {
  const ScratchDirectory scratch;
  const auto made = open_directory_in(scratch);
  cache::CacheDirectory{made}.make();
  for (const auto& path : {made, made / "objects", made / "sessions"}) EXPECT_EQ(mode_of(path), 0700) << path;
  // As an older version, or a generous umask, left it.
  for (const auto& path : {made, made / "objects", made / "sessions"}) stdfs::permissions(path, stdfs::perms{0755});
  cache::CacheDirectory{made}.make();
  for (const auto& path : {made, made / "objects", made / "sessions"}) EXPECT_EQ(mode_of(path), 0700) << path;
}

TEST(CacheDirectory, ClosesNoDirectoryThatHoldsOtherThings) {
  const ScratchDirectory scratch;
  const auto made = open_directory_in(scratch);
  std::ofstream{made / "thesis.tex"} << "x";
  cache::CacheDirectory{made}.make();
  EXPECT_EQ(mode_of(made), 0755);
  EXPECT_EQ(mode_of(made / "objects"), 0700);
  EXPECT_EQ(mode_of(made / "sessions"), 0700);
}

}  // namespace
}  // namespace platefs::test
