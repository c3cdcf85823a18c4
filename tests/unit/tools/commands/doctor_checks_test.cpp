// SPDX-License-Identifier: BSD-3-Clause
#include "tools/commands/doctor_checks.h"

#include <sys/stat.h>

#include <fstream>

#include "tests/support/scratch_directory.h"

namespace platefs::tools {
namespace {

using test::ScratchDirectory;
using testing::HasSubstr;

void write_file(const std::filesystem::path& file, const std::string& text) { std::ofstream{file} << text; }

TEST(Checkup, OfAMissingDeviceSaysHowToGetIt) {
  const auto finding = check_fuse_device("/nonexistent/fuse");
  EXPECT_EQ(finding.health, Health::Bad);
  EXPECT_THAT(finding.found, HasSubstr("/nonexistent/fuse: No such file"));
  EXPECT_THAT(finding.remedy, HasSubstr("modprobe fuse"));
}

TEST(Checkup, OfADeviceThatOpensIsGood) {
  const auto finding = check_fuse_device("/dev/null");
  EXPECT_EQ(finding.health, Health::Good);
  EXPECT_EQ(finding.remedy, "");
}

TEST(Checkup, MissesFusermountMoreForUsersThanForRoot) {
  const ScratchDirectory empty;
  const auto path = empty.path().string();
  EXPECT_EQ(check_fusermount(path, false).health, Health::Bad);
  EXPECT_EQ(check_fusermount(path, true).health, Health::Doubtful);
  EXPECT_THAT(check_fusermount(path, false).remedy, HasSubstr("apt-get install fuse3"));
}

TEST(Checkup, WantsFusermountToBeSetuidForUsers) {
  const ScratchDirectory folder;
  const auto program = folder.path() / "fusermount3";
  write_file(program, "");
  ::chmod(program.c_str(), 0755);
  EXPECT_EQ(check_fusermount("/nonexistent:" + folder.path().string(), true).health, Health::Good);
  const auto finding = check_fusermount(folder.path().string(), false);
  EXPECT_EQ(finding.health, Health::Bad);
  EXPECT_THAT(finding.remedy, HasSubstr("chmod u+s " + program.string()));
}

TEST(Checkup, FindsWhetherUsersMayLetOthersIn) {
  const ScratchDirectory folder;
  const auto file = folder.path() / "fuse.conf";
  write_file(file, "# mount_max = 1000\n#user_allow_other\n");
  EXPECT_EQ(check_allow_other(file, false).health, Health::Bad);
  EXPECT_EQ(check_allow_other(file, true).health, Health::Good);
  EXPECT_EQ(check_allow_other("/nonexistent", false).health, Health::Bad);
  write_file(file, "user_allow_other\n");
  EXPECT_EQ(check_allow_other(file, false).health, Health::Good);
}

TEST(Checkup, OfACacheThatCannotBeSaysToChooseAnother) {
  const ScratchDirectory folder;
  const auto file = folder.path() / "file";
  write_file(file, "");
  const auto findings = check_cache_directory(file / "cache", 1 << 20);
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].health, Health::Bad);
  EXPECT_THAT(findings[0].remedy, HasSubstr("--cache-dir"));
  // No file can be made in /proc, whoever asks.
  EXPECT_EQ(check_cache_directory("/proc/self", 1 << 20).front().health, Health::Bad);
}

TEST(Checkup, OfACacheThatWorksTellsItsSpace) {
  const ScratchDirectory folder;
  const auto findings = check_cache_directory(folder.path() / "cache", 20ull << 30);
  ASSERT_EQ(findings.size(), 2U);
  EXPECT_EQ(findings[0].health, Health::Good);
  EXPECT_THAT(findings[1].found, HasSubstr("the cache may take 20.0 GiB"));
}

}  // namespace
}  // namespace platefs::tools
