// SPDX-License-Identifier: BSD-3-Clause
#include "tools/commands/serving_process.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>

#include "tests/support/scratch_directory.h"
#include "tools/commands/mountpoint.h"
#include "vo/base/error.h"

namespace platefs::test {
namespace {

using namespace std::chrono_literals;
using tools::DirectoryLock;
using tools::MountState;
using tools::ServingProcess;

constexpr unsigned kNoDevice = 999'999;

TEST(ServingProcess, IsNoneThatHasNoMountOpen) {
  // This very program in another process, of this user: what lacks is the mount.
  const pid_t child = ::fork();
  if (child == 0) {
    ::pause();
    ::_exit(0);
  }
  EXPECT_FALSE(ServingProcess::of("/", {true, true, kNoDevice, ::geteuid()}));
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
}

TEST(ServingProcess, IsNoneOfAForeignFileSystemOrOfAnUnknownUser) {
  EXPECT_FALSE(ServingProcess::of("/proc", {true, false, 0, ::geteuid()}));
  EXPECT_FALSE(ServingProcess::of("/proc", {true, true, 0, std::nullopt}));
}

TEST(Mountpoint, IsFoundBehindSymbolicLinksWithoutAskingIt) {
  const ScratchDirectory scratch;
  const auto base = std::filesystem::canonical(scratch.path());
  std::filesystem::create_directory(base / "real");
  std::filesystem::create_directory_symlink("real", base / "link");
  std::filesystem::create_directory_symlink(base / "link", base / "second");
  std::filesystem::create_directory_symlink("../" + base.filename().string() + "/real/.", base / "climbing");
  std::filesystem::create_directory_symlink("loop", base / "loop");
  for (const auto* name : {"real", "real/", "link", "second", "second/", "./second", "climbing", "real/../link"}) {
    EXPECT_EQ(tools::absolute_mountpoint((base / name).string()), (base / "real").string()) << name;
  }
  EXPECT_EQ(tools::absolute_mountpoint((base / "loop").string()), (base / "loop").string());
  EXPECT_EQ(tools::absolute_mountpoint("/proc"), "/proc");
  EXPECT_EQ(tools::absolute_mountpoint("/"), "/");
  EXPECT_TRUE(tools::mount_state("/proc").is_mounted);
  EXPECT_FALSE(tools::mount_state("/proc").is_ours);
}

TEST(DirectoryLock, IsWaitedForAndGivenUpInTime) {
  const ScratchDirectory scratch;
  const auto place = scratch.path().string();
  DirectoryLock first{place, 0ms};
  EXPECT_THROW((DirectoryLock{place, 20ms}), vo::Error);
  first.release();
  EXPECT_NO_THROW((DirectoryLock{place, 0ms}));
  EXPECT_NO_THROW((DirectoryLock{place + "/nowhere", 0ms}));
}

}  // namespace
}  // namespace platefs::test
