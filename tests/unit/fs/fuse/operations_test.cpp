// SPDX-License-Identifier: BSD-3-Clause
// The calls of the kernel, tried without one.
#include "fs/fuse/operations.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <map>
#include <set>

#include "tests/support/mounted_tree.h"
#include "tests/support/recorded_fuse.h"

namespace platefs::fs {
namespace {

constexpr auto kTarget = "156.011+48.148";
constexpr auto kPlate = "1890-05-17_i00811";

class OperationsTest : public testing::Test, protected test::MountedTree {
 protected:
  OperationsTest() {
    add_lookup_operations(calls);
    add_directory_operations(calls);
    add_file_operations(calls);
    add_xattr_operations(calls);
    add_refused_operations(calls);
  }

  fuse_req request() {
    fuse_req asked;
    asked.operations = &operations;
    return asked;
  }
  test::RecordedAnswer lookup(fuse_ino_t parent, const std::string& name, pid_t caller = 0) {
    auto asked = request();
    asked.caller.pid = caller;
    calls.lookup(&asked, parent, name.c_str());
    EXPECT_EQ(asked.answer.answers, 1);
    return asked.answer;
  }
  fuse_ino_t inode_of(const std::vector<std::string>& path) {
    fuse_ino_t inode = kRootInode;
    for (const auto& name : path) inode = lookup(inode, name).entry.value().ino;
    return inode;
  }
  /// As the kernel opens: when it hears ESTALE, it looks the name up again, once.
  test::RecordedAnswer open(fuse_ino_t inode, int flags = O_RDONLY, pid_t caller = 0) {
    auto answer = open_once(inode, flags, caller);
    if (answer.error != ESTALE) return answer;
    attributes_of(inode, caller);
    return open_once(inode, flags, caller);
  }
  test::RecordedAnswer attributes_of(fuse_ino_t inode, pid_t caller = 0) {
    auto asked = request();
    asked.caller.pid = caller;
    calls.getattr(&asked, inode, nullptr);
    return asked.answer;
  }
  test::RecordedAnswer open_once(fuse_ino_t inode, int flags = O_RDONLY, pid_t caller = 0) {
    auto asked = request();
    asked.caller.pid = caller;
    fuse_file_info file = {};
    file.flags = flags;
    calls.open(&asked, inode, &file);
    return asked.answer;
  }
  std::string read(fuse_file_info file, std::size_t size, off_t offset, fuse_ino_t inode = 2) {
    auto asked = request();
    calls.read(&asked, inode, size, offset, &file);
    return asked.answer.bytes.value_or("no bytes");
  }
  void release(fuse_file_info file, fuse_ino_t inode = 2) {
    auto asked = request();
    calls.release(&asked, inode, &file);
    EXPECT_EQ(asked.answer.error, 0);
  }
  fuse_file_info opendir(fuse_ino_t inode) {
    auto asked = request();
    fuse_file_info file = {};
    calls.opendir(&asked, inode, &file);
    return asked.answer.opened.value();
  }
  void releasedir(fuse_file_info file) {
    auto asked = request();
    calls.releasedir(&asked, 2, &file);
  }

  /// What readdir lists from the beginning: inode numbers by name.
  std::map<std::string, std::uint64_t> numbers_in(fuse_file_info file, fuse_ino_t inode) {
    auto asked = request();
    calls.readdir(&asked, inode, 1 << 16, 0, &file);
    const auto bytes = asked.answer.bytes.value();
    std::map<std::string, std::uint64_t> numbers;
    for (std::size_t at = 0; at < bytes.size();) {
      std::uint64_t number = 0;
      std::uint32_t length = 0;
      std::memcpy(&number, bytes.data() + at, 8);  // struct fuse_dirent: ino, off, namelen, type, name
      std::memcpy(&length, bytes.data() + at + 16, 4);
      numbers[bytes.substr(at + 24, length)] = number;
      at += (24 + length + 7) / 8 * 8;
    }
    return numbers;
  }

  bool is_past_the_kernels_cache(const std::vector<std::string>& path) {
    const auto opened = open(inode_of(path)).opened.value();
    release(opened);
    return opened.direct_io;
  }

  IconGuard guard{{"fs_tests"}, [](std::string_view) {}};
  Activity activity;
  Operations operations = make_operations();
  fuse_lowlevel_ops calls = {};

 private:
  Operations make_operations() {
    return {.library = library,
            .documents = documents,
            .tree = tree,
            .attributes = attributes,
            .prefetch = {library, 0},
            .guard = guard,
            .activity = activity,
            .log = [this](std::string_view line) { logged.emplace_back(line); },
            .wish_of = [](pid_t) { return SignalWish::Ends; }};
  }
};

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

TEST_F(OperationsTest, OpendirOfAFailedTargetSaysWhy) {
  library.plates = nullptr;
  auto asked = request();
  fuse_file_info file = {};
  calls.opendir(&asked, inode_of({kTarget}), &file);
  EXPECT_EQ(asked.answer.error, ECONNREFUSED);
}

TEST_F(OperationsTest, ReadsAFileInRangesUpToItsEnd) {
  product->bytes = "SIMPLE  =                    T";
  const auto file = open(inode_of({kTarget, kPlate, "full.fits"})).opened.value();
  EXPECT_EQ(read(file, 6, 0), "SIMPLE");
  EXPECT_EQ(read(file, 100, 29), "T");
  EXPECT_EQ(read(file, 100, 30), "");
  EXPECT_EQ(read(file, 100, 1'000'000), "");
  release(file);
}

TEST_F(OperationsTest, TheKernelLearnsTheExactSizeBeforeOpenReturns) {
  product->bytes = std::string(3000, 'x');
  const auto inode = inode_of({kTarget, kPlate, "full.fits"});
  EXPECT_EQ(open_once(inode, O_RDONLY, 7).error, ESTALE);
  EXPECT_EQ(attributes_of(inode, 7).attributes.value().st_size, 3000);
  const auto opened = open_once(inode, O_RDONLY, 7).opened.value();
  EXPECT_FALSE(opened.direct_io);
  EXPECT_TRUE(opened.keep_cache);
  // From then on everybody's answers say so, whatever becomes of the cache, and no one is sent away.
  EXPECT_EQ(attributes_of(inode, 8).attributes.value().st_size, 3000);
  const auto another = open_once(inode, O_RDONLY, 8).opened.value();
  EXPECT_FALSE(another.direct_io);
  release(opened, inode);
  release(another, inode);
}

TEST_F(OperationsTest, AFileWhoseSizeWasKnownAtTheLookUpIsOpenedAtOnce) {
  product->bytes = std::string(3000, 'x');
  product->known.size = 3000;
  const auto opened = open_once(inode_of({kTarget, kPlate, "full.fits"})).opened;
  ASSERT_TRUE(opened);
  release(*opened);
}

TEST_F(OperationsTest, ACallerForWhomNoNameIsLookedUpReadsPastThePages) {
  product->bytes = std::string(3000, 'x');
  const auto inode = inode_of({kTarget, kPlate, "full.fits"});
  EXPECT_EQ(open_once(inode, O_RDONLY, 7).error, ESTALE);
  const auto opened = open_once(inode, O_RDONLY, 7).opened.value();
  EXPECT_TRUE(opened.direct_io);
  EXPECT_EQ(read(opened, 5000, 0).size(), 3000U);
  release(opened, inode);
}

TEST_F(OperationsTest, AnotherCallersLookUpProvesNothingForTheOneThatOpens) {
  product->bytes = std::string(3000, 'x');
  const auto inode = inode_of({kTarget, kPlate, "full.fits"});
  EXPECT_EQ(open_once(inode, O_RDONLY, 7).error, ESTALE);
  attributes_of(inode, 8);
  EXPECT_EQ(open_once(inode, O_RDONLY, 9).error, ESTALE);
  const auto opened = open_once(inode, O_RDONLY, 7).opened.value();
  EXPECT_TRUE(opened.direct_io);
  release(opened, inode);
}

TEST_F(OperationsTest, ATextThatChangedWhileItIsOpenIsAFileOfItsOwn) {
  const auto inode = inode_of({kTarget, "plates.csv"});
  const auto old_size = attributes_of(inode).attributes.value().st_size;
  const auto old = open_once(inode).opened.value();
  library.plates = std::make_shared<cache::PlatesAnswer>(*library.plates);
  library.plates->archives.clear();
  prepare(at({kTarget}));
  // While the old text is open, its inode is the old text's; the new one gets another.
  EXPECT_EQ(open_once(inode, O_RDONLY, 7).error, ESTALE);
  const auto found = lookup(inode_of({kTarget}), "plates.csv", 7).entry.value();
  EXPECT_NE(found.ino, inode);
  EXPECT_LT(found.attr.st_size, old_size);
  const auto opened = open_once(found.ino, O_RDONLY, 7).opened.value();
  EXPECT_FALSE(opened.direct_io);
  EXPECT_EQ(read(opened, 1 << 20, 0).size(), static_cast<std::size_t>(found.attr.st_size));
  EXPECT_EQ(attributes_of(inode).attributes.value().st_size, old_size);
  EXPECT_EQ(numbers_in(opendir(inode_of({kTarget})), 2).at("plates.csv"), found.ino);
  release(opened, found.ino);
  release(old, inode);
}

TEST_F(OperationsTest, ATextThatChangedSinceItWasClosedIsOpenedWithItsNewSize) {
  const auto inode = inode_of({kTarget, "plates.csv"});
  const auto old_size = attributes_of(inode).attributes.value().st_size;
  release(open_once(inode).opened.value(), inode);
  library.plates = std::make_shared<cache::PlatesAnswer>(*library.plates);
  library.plates->archives.clear();
  prepare(at({kTarget}));
  EXPECT_EQ(open_once(inode).error, ESTALE);
  const auto new_size = attributes_of(inode).attributes.value().st_size;
  EXPECT_LT(new_size, old_size);
  const auto opened = open_once(inode).opened.value();
  EXPECT_FALSE(opened.direct_io);
  EXPECT_FALSE(opened.keep_cache);
  EXPECT_EQ(read(opened, 1 << 20, 0).size(), static_cast<std::size_t>(new_size));
  release(opened, inode);
}

TEST_F(OperationsTest, ReadsADocumentAsItWasWhenItWasOpened) {
  const auto inode = inode_of({kTarget, "plates.csv"});
  const auto file = open(inode).opened.value();
  const auto text = read(file, 1 << 20, 0);
  EXPECT_THAT(text, testing::StartsWith("plate,date_min"));
  library.plates->archives.clear();
  EXPECT_EQ(read(file, 1 << 20, 0), text);
  EXPECT_EQ(read(file, 5, 1 << 20), "");
  release(file);
}

TEST_F(OperationsTest, TheArchivesDocumentThatWasForgottenIsAskedForAgainOrIsAnError) {
  library.links->served = "<VOTABLE/>";
  const auto inode = inode_of({kTarget, kPlate, "datalink.vot"});
  library.knows_links = false;
  const auto file = open(inode).opened.value();
  EXPECT_EQ(read(file, 100, 0, inode), "<VOTABLE/>");
  release(file, inode);
  library.links_failure = vo::Error{vo::ErrorKind::Unavailable, "down"};
  EXPECT_EQ(open(inode).error, EIO);
}

TEST_F(OperationsTest, HandsOutADocumentWhoseReaderClosesItMeanwhile) {
  auto file = open(inode_of({kTarget, "target.reg"})).opened.value();
  auto reading = request();
  reading.on_bytes = [&] { release(file); };
  calls.read(&reading, 2, 1 << 20, 0, &file);
  EXPECT_THAT(reading.answer.bytes.value_or(""), testing::StartsWith("# Region file"));
}

TEST_F(OperationsTest, OpensNothingForWriting) {
  const auto inode = inode_of({kTarget, kPlate, "full.fits"});
  EXPECT_EQ(open(inode, O_WRONLY).error, EROFS);
  EXPECT_EQ(open(inode, O_RDWR | O_TRUNC).error, EROFS);
  EXPECT_EQ(open(inode_of({kTarget})).error, EISDIR);
}

TEST_F(OperationsTest, OpenSaysWhyAFileCannotBeHad) {
  product->failure = vo::Error{vo::ErrorKind::NotAuthorized, "embargo"};
  EXPECT_EQ(open(inode_of({kTarget, kPlate, "full.fits"})).error, EACCES);
}

TEST_F(OperationsTest, OpensOnlyWhatIsInTheCacheForAProgramThatDrawsIcons) {
  const auto inode = inode_of({kTarget, kPlate, "full.fits"});
  EXPECT_EQ(open(inode, O_RDONLY, ::getpid()).error, EACCES);
  product->known.state = cache::ProductState::Cached;
  const auto cached = open(inode, O_RDONLY, ::getpid());
  ASSERT_TRUE(cached.opened);
  release(*cached.opened);
}

TEST_F(OperationsTest, OpenOfAVersionThatIsGoneIsStale) {
  const auto inode = inode_of({kTarget, kPlate, "full.fits"});
  product->known.version = 3;
  EXPECT_EQ(open(inode).error, ESTALE);
}

TEST_F(OperationsTest, ASignalFreesAWaitingOpenAndWithdrawsIt) {
  product->is_held = true;
  const auto inode = inode_of({kTarget, kPlate, "full.fits"});
  auto asked = request();
  fuse_file_info file = {};
  calls.open(&asked, inode, &file);
  EXPECT_EQ(asked.answer.answers, 0);
  asked.interrupt();
  EXPECT_EQ(asked.answer.error, EINTR);
  EXPECT_EQ(product->withdrawn, 1);
  product->finish();
  EXPECT_EQ(asked.answer.answers, 1);
}

TEST_F(OperationsTest, WhatACachedFileThatWasCutShortCannotGiveIsAskedForOnceMore) {
  product->bytes = std::string(3000, 'x');
  const auto opened = open(inode_of({kTarget, kPlate, "full.fits"})).opened.value();
  *product->cut_short = 1;
  EXPECT_EQ(read(opened, 4, 0), product->bytes.substr(0, 4));
  *product->cut_short = 2;
  auto asked = request();
  auto file = opened;
  calls.read(&asked, 2, 4, 0, &file);
  EXPECT_EQ(asked.answer.error, EIO);
  release(opened);
}

TEST_F(OperationsTest, AnOpenThatNobodyAnswersIsAnIoErrorAndTold) {
  product->failure = vo::Error{vo::ErrorKind::Cancelled, "nobody answered the question"};
  EXPECT_EQ(open(inode_of({kTarget, kPlate, "full.fits"})).error, EIO) << "EINTR would be tried again for ever";
  EXPECT_THAT(logged, testing::Contains(testing::HasSubstr("nobody answered")));
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

TEST_F(OperationsTest, TextsThatChangeAllTheTimeAreReadToTheEndThatTheyHadAtOpen) {
  EXPECT_TRUE(is_past_the_kernels_cache({".platefs", "status.json"}));
  EXPECT_TRUE(is_past_the_kernels_cache({".platefs", "log.txt"}));
  EXPECT_FALSE(is_past_the_kernels_cache({"README.txt"}));
  EXPECT_FALSE(is_past_the_kernels_cache({kTarget, "plates.vot"}));
}

}  // namespace
}  // namespace platefs::fs
