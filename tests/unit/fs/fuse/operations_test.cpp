// SPDX-License-Identifier: BSD-3-Clause
// Names, directories, attributes and what is refused.
#include <map>
#include <set>

#include "tests/support/operations_fixture.h"

namespace platefs::fs {
namespace {

TEST_F(OperationsTest, LookupGivesAnEntryAndCountsIt) {
  const auto answer = lookup(kRootInode, kTarget);
  ASSERT_TRUE(answer.entry);
  EXPECT_EQ(answer.entry->attr.st_ino, answer.entry->ino);
  EXPECT_EQ(operations.inodes.size(), 2U);
  auto asked = request();
  calls.forget(&asked, answer.entry->ino, 1);
  EXPECT_EQ(operations.inodes.size(), 1U);
}

/// From the opening on until it is closed or fails, unless all of it is here.
TEST_F(OperationsTest, AFileIsInUseWhileAProgramWaitsForItOrReadsWhatIsNotHere) {
  product->is_held = true;
  product->bytes = "bytes";
  const auto inode = inode_of({kTarget, "cutouts", "1890-05-17_i00811.fits"});
  fuse_req request = this->request();
  request.caller.pid = 4711;
  fuse_file_info file = {};
  calls.open(&request, inode, &file);
  ASSERT_EQ(activity.files().size(), 1U);
  EXPECT_EQ(activity.files()[0].name, std::string{kTarget} + "/cutouts/1890-05-17_i00811.fits");
  EXPECT_EQ(activity.files()[0].thread, 4711);
  product->known.state = cache::ProductState::Cached;
  EXPECT_TRUE(activity.files().empty());
  product->known.state = cache::ProductState::Remote;
  product->failure = vo::Error{vo::ErrorKind::TimedOut, "no byte"};
  product->finish();
  EXPECT_TRUE(activity.files().empty());
}

TEST_F(OperationsTest, LookupOfNoiseIsRememberedByTheKernelAsAbsent) {
  const auto answer = lookup(kRootInode, ".git");
  ASSERT_TRUE(answer.entry);
  EXPECT_EQ(answer.entry->ino, 0U);
  EXPECT_GT(answer.entry->entry_timeout, 0);
}

TEST_F(OperationsTest, LookupOfAPlateThatIsNotThereIsToldEachTime) {
  EXPECT_EQ(lookup(inode_of({kTarget}), "1890-05-17_none").error, ENOENT);
}

TEST_F(OperationsTest, LookupForgetsAnEntryThatNobodyTook) {
  auto asked = request();
  asked.result = -ENOENT;
  calls.lookup(&asked, kRootInode, kTarget);
  EXPECT_EQ(operations.inodes.size(), 1U);
}

TEST_F(OperationsTest, LookupInAForgottenDirectoryIsStale) { EXPECT_EQ(lookup(4711, "x").error, ESTALE); }

TEST_F(OperationsTest, LookupSaysWhyATargetFailsButShowsErrorsTxt) {
  library.plates = nullptr;
  const auto target = inode_of({kTarget});
  EXPECT_EQ(lookup(target, kPlate).error, ECONNREFUSED);
  EXPECT_TRUE(lookup(target, "errors.txt").entry);
}

TEST_F(OperationsTest, ANameLongerThanAFileSystemsMayBeIsRefused) {
  const auto target = inode_of({kTarget});
  for (const auto parent : {fuse_ino_t{kRootInode}, target}) {
    EXPECT_EQ(lookup(parent, std::string(256, 'a')).error, ENAMETOOLONG);
    EXPECT_NE(lookup(parent, std::string(255, 'a')).error, ENAMETOOLONG);
  }
}

TEST_F(OperationsTest, AHandleThatTheKernelForgotIsFoundAgain) {
  const auto target = inode_of({kTarget});
  const auto plate = lookup(target, kPlate).entry.value().ino;
  const auto file = lookup(plate, "full.fits").entry.value().ino;
  for (const auto inode : {file, plate, target}) {
    auto asked = request();
    calls.forget(&asked, inode, 10);
  }
  EXPECT_EQ(operations.inodes.size(), 1U);
  EXPECT_EQ(lookup(file, ".").entry.value().ino, file);
  EXPECT_EQ(lookup(file, "..").entry.value().ino, plate);
  EXPECT_EQ(lookup(plate, "..").entry.value().ino, target);
  EXPECT_EQ(lookup(target, "..").entry.value().ino, fuse_ino_t{kRootInode});
  EXPECT_EQ(lookup(kRootInode, "..").entry.value().ino, fuse_ino_t{kRootInode});
  EXPECT_EQ(lookup(4711, ".").error, ESTALE);
}

TEST_F(OperationsTest, AHandleOfAVersionThatIsGoneIsStale) {
  const auto file = inode_of({kTarget, kPlate, "full.fits"});
  auto asked = request();
  calls.forget(&asked, file, 10);
  product->known.version = 2;
  EXPECT_EQ(lookup(file, ".").error, ESTALE);
}

TEST_F(OperationsTest, ADirectoryKnowsItsParentAndCountsNoLinks) {
  const auto target = inode_of({kTarget});
  const auto plate = inode_of({kTarget, kPlate});
  EXPECT_EQ(numbers_in(opendir(plate), plate).at(".."), target);
  EXPECT_EQ(numbers_in(opendir(target), target).at(".."), std::uint64_t{kRootInode});
  EXPECT_EQ(attributes_of(plate).attributes.value().st_nlink, 1U);
}

TEST_F(OperationsTest, RewindingADirectoryShowsWhatIsThereThen) {
  const auto file = opendir(kRootInode);
  EXPECT_FALSE(numbers_in(file, kRootInode).contains(kTarget));
  library.entered.emplace_back(kTarget);
  EXPECT_TRUE(numbers_in(file, kRootInode).contains(kTarget));
  releasedir(file);
}

TEST_F(OperationsTest, WhateverChangesSomethingIsRefused) {
  auto asked = request();
  calls.mkdir(&asked, kRootInode, "new", 0755);
  EXPECT_EQ(asked.answer.error, EROFS);
  auto renaming = request();
  calls.rename(&renaming, kRootInode, "README.txt", kRootInode, "new", 0);
  EXPECT_EQ(renaming.answer.error, EROFS);
  auto touching = request();
  calls.setattr(&touching, kRootInode, nullptr, 0, nullptr);
  EXPECT_EQ(touching.answer.error, EROFS);
  EXPECT_EQ(open(inode_of({"README.txt"}), O_RDONLY | O_TRUNC).error, EROFS);
}

TEST_F(OperationsTest, TheLogIsFollowedWhileItIsOpen) {
  const auto inode = inode_of({".platefs", "log.txt"});
  auto file = open(inode).opened.value();
  EXPECT_EQ(read(file, 100, 0, inode), "{}\n");
  EXPECT_EQ(read(file, 100, 3, inode), "");
  log_text += "more\n";
  EXPECT_EQ(read(file, 100, 3, inode), "more\n");
  EXPECT_EQ(attributes_of(inode).attributes.value().st_size, 8);
  release(file, inode);
}

TEST_F(OperationsTest, GetattrOfAnotherVersionIsStale) {
  const auto inode = inode_of({kTarget, kPlate, "full.fits"});
  auto asked = request();
  calls.getattr(&asked, inode, nullptr);
  EXPECT_TRUE(asked.answer.attributes);
  product->known.version = 2;
  auto again = request();
  calls.getattr(&again, inode, nullptr);
  EXPECT_EQ(again.answer.error, ESTALE);
}

TEST_F(OperationsTest, ReaddirGivesEveryEntryOnceThroughSmallBuffers) {
  const auto file = opendir(inode_of({kTarget}));
  std::set<std::string> names;
  off_t offset = 0;
  for (int i = 0; i < 100; ++i) {
    auto asked = request();
    auto handle = file;
    calls.readdir(&asked, 2, 64, offset, &handle);
    const auto bytes = asked.answer.bytes.value();
    if (bytes.empty()) break;
    for (std::size_t at = 0; at < bytes.size();) {
      std::uint64_t next = 0;
      std::uint32_t length = 0;
      std::memcpy(&next, bytes.data() + at + 8, 8);  // struct fuse_dirent: ino, off, namelen, type, name
      std::memcpy(&length, bytes.data() + at + 16, 4);
      EXPECT_TRUE(names.insert(bytes.substr(at + 24, length)).second);
      offset = static_cast<off_t>(next);
      at += (24 + length + 7) / 8 * 8;
    }
  }
  EXPECT_TRUE(names.contains("."));
  EXPECT_TRUE(names.contains(".."));
  EXPECT_TRUE(names.contains(kPlate));
  EXPECT_TRUE(names.contains("plates.vot"));
  releasedir(file);
}

TEST_F(OperationsTest, ReaddirplusCountsOnlyWhatItHandsOut) {
  const auto file = opendir(inode_of({kTarget}));
  const auto before = operations.inodes.size();
  auto asked = request();
  auto handle = file;
  calls.readdirplus(&asked, 2, 400, 2, &handle);  // room for two entries after "." and ".."
  EXPECT_EQ(operations.inodes.size(), before + 2);
  releasedir(file);
}

TEST_F(OperationsTest, ReaddirplusMakesNoTextForItsSize) {
  const auto file = opendir(inode_of({kTarget}));
  auto asked = request();
  auto handle = file;
  calls.readdirplus(&asked, 2, 1 << 20, 0, &handle);
  const auto bytes = asked.answer.bytes.value();
  constexpr std::size_t kEntryOut = 128;  // struct fuse_direntplus: fuse_entry_out with the nodeid first, fuse_dirent
  std::map<std::string, std::uint64_t> nodes;
  for (std::size_t at = 0; at < bytes.size();) {
    std::uint64_t node = 0;
    std::uint32_t length = 0;
    std::memcpy(&node, bytes.data() + at, 8);
    std::memcpy(&length, bytes.data() + at + kEntryOut + 16, 4);
    nodes[bytes.substr(at + kEntryOut + 24, length)] = node;
    at += (kEntryOut + 24 + length + 7) / 8 * 8;
  }
  EXPECT_NE(nodes.at(kPlate), 0U);
  EXPECT_NE(nodes.at("cutouts"), 0U);
  EXPECT_EQ(nodes.at("plates.vot"), 0U);
  EXPECT_EQ(nodes.at("index.html"), 0U);
  releasedir(file);
}

TEST_F(OperationsTest, OpendirOfAFailedTargetSaysWhy) {
  library.plates = nullptr;
  auto asked = request();
  fuse_file_info file = {};
  calls.opendir(&asked, inode_of({kTarget}), &file);
  EXPECT_EQ(asked.answer.error, ECONNREFUSED);
}

TEST_F(OperationsTest, XattrsAreAskedForBySizeFirst) {
  const auto inode = inode_of({kTarget, kPlate, "full.fits"});
  const auto get = [&](const char* name, std::size_t room) {
    auto asked = request();
    calls.getxattr(&asked, inode, name, room);
    return asked.answer;
  };
  EXPECT_EQ(get("user.platefs.state", 0).xattr_size, 6U);
  EXPECT_EQ(get("user.platefs.state", 6).bytes, "remote");
  EXPECT_EQ(get("user.platefs.state", 5).error, ERANGE);
  EXPECT_EQ(get("user.nothing", 100).error, ENODATA);
  EXPECT_EQ(get("security.selinux", 100).error, ENOTSUP);
  auto asked = request();
  calls.listxattr(&asked, inode, 1000);
  EXPECT_THAT(asked.answer.bytes.value(), testing::HasSubstr(std::string("user.platefs.state\0", 19)));
}

TEST_F(OperationsTest, StatfsShowsTheCacheAndWaitsForNobody) {
  library.used.bytes = 4096 * 10;
  library.used.quota = 4096 * 100;
  auto asked = request();
  calls.statfs(&asked, kRootInode);
  EXPECT_EQ(asked.answer.filesystem.value().f_blocks, 100U);
  EXPECT_EQ(asked.answer.filesystem.value().f_bfree, 90U);
  EXPECT_EQ(asked.answer.filesystem.value().f_files, 0U);
}

}  // namespace
}  // namespace platefs::fs
