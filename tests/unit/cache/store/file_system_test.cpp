// SPDX-License-Identifier: BSD-3-Clause
#include "cache/store/file_system.h"

#include <gtest/gtest.h>

#include "tests/support/scratch_directory.h"

namespace platefs::test {
namespace {

using cache::mount_type;
using cache::shared_file_system;

constexpr std::uint32_t kFuse = 0x65735546, kExt4 = 0xEF53, kTmpfs = 0x01021994, kOverlay = 0x794C7630,
                        kXfs = 0x58465342, kBtrfs = 0x9123683E, kZfs = 0x2FC12FC1, kSquashfs = 0x73717368;

TEST(FileSystem, ThoseOfOneMachineAreSharedByNobody) {
  for (const auto magic : {kExt4, kTmpfs, kOverlay, kXfs, kBtrfs, kZfs, kSquashfs}) {
    EXPECT_EQ(shared_file_system(magic, ""), "") << std::hex << magic;
  }
}

TEST(FileSystem, ThoseOfClustersAndServersAreTold) {
  const std::pair<std::uint32_t, const char*> all[] = {
      {0x6969, "NFS"},        {0xFF534D42, "SMB"},   {0xFE534D42, "SMB"},     {0x00C36400, "Ceph"},
      {0x0BD00BD0, "Lustre"}, {0x47504653, "GPFS"},  {0x19830326, "BeeGFS"},  {0x20030528, "OrangeFS"},
      {0x01161970, "GFS2"},   {0x7461636F, "OCFS2"}, {0xAAD7AAEA, "Panasas"}, {0x01021997, "9p"},
      {0x5346414F, "AFS"}};
  for (const auto& [magic, name] : all) EXPECT_EQ(shared_file_system(magic, ""), name);
}

TEST(FileSystem, AProgramIsToldByTheTypeOfItsMount) {
  for (const auto* type : {"fuse.sshfs", "fuse.s3fs", "fuse.juicefs", "fuse.ceph", "fuse.glusterfs", "virtiofs"}) {
    EXPECT_EQ(shared_file_system(kFuse, type), type);
  }
  EXPECT_EQ(shared_file_system(kFuse, "fuse"), "FUSE");
  EXPECT_EQ(shared_file_system(kFuse, ""), "FUSE");
}

TEST(FileSystem, AProgramThatPassesOnToDisksOfThisMachineIsNoOther) {
  for (const auto* type : {"fuseblk", "fuse.fuse-overlayfs"}) EXPECT_EQ(shared_file_system(kFuse, type), "");
}

TEST(FileSystem, AMountIsFoundByItsDeviceBehindOptionalFields) {
  const auto* const text =
      "22 28 0:21 / /proc rw,nosuid shared:13 - proc proc rw\n"
      "28 1 254:1 / / rw,relatime shared:1 - ext4 /dev/vda1 rw\n"
      "40 28 0:51 / /home/me/far rw,nosuid,nodev - fuse.sshfs host:/home/me rw,user_id=0\n"
      "41 28 0:52 / /with\\040blank rw shared:5 master:1 - virtiofs tag rw\n"
      "broken\n";
  EXPECT_EQ(mount_type(text, "0:51"), "fuse.sshfs");
  EXPECT_EQ(mount_type(text, "0:52"), "virtiofs");
  EXPECT_EQ(mount_type(text, "254:1"), "ext4");
  EXPECT_EQ(mount_type(text, "0:99"), "");
  EXPECT_EQ(mount_type("", "0:51"), "");
}

TEST(FileSystem, APathThatIsNotThereIsThatOfTheFolderAboveIt) {
  const ScratchDirectory scratch;
  EXPECT_EQ(cache::shared_file_system_of(scratch.path() / "not" / "yet"), "");
  EXPECT_TRUE(cache::can_be_written(scratch.path() / "not" / "yet"));
}

}  // namespace
}  // namespace platefs::test
