// SPDX-License-Identifier: BSD-3-Clause
// Opening, reading and releasing of files and texts.
#include <set>

#include "tests/support/operations_fixture.h"

namespace platefs::fs {
namespace {

class FileOperationsTest : public OperationsTest {};

TEST_F(FileOperationsTest, ReadsAFileInRangesUpToItsEnd) {
  product->bytes = "SIMPLE  =                    T";
  const auto file = open(inode_of({kTarget, kPlate, "full.fits"})).opened.value();
  EXPECT_EQ(read(file, 6, 0), "SIMPLE");
  EXPECT_EQ(read(file, 100, 29), "T");
  EXPECT_EQ(read(file, 100, 30), "");
  EXPECT_EQ(read(file, 100, 1'000'000), "");
  release(file);
}

TEST_F(FileOperationsTest, TheKernelLearnsTheExactSizeBeforeOpenReturns) {
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

TEST_F(FileOperationsTest, AFileWhoseSizeWasKnownAtTheLookUpIsOpenedAtOnce) {
  product->bytes = std::string(3000, 'x');
  product->known.size = 3000;
  const auto opened = open_once(inode_of({kTarget, kPlate, "full.fits"})).opened;
  ASSERT_TRUE(opened);
  release(*opened);
}

TEST_F(FileOperationsTest, ACallerForWhomNoNameIsLookedUpReadsPastThePages) {
  product->bytes = std::string(3000, 'x');
  const auto inode = inode_of({kTarget, kPlate, "full.fits"});
  EXPECT_EQ(open_once(inode, O_RDONLY, 7).error, ESTALE);
  const auto opened = open_once(inode, O_RDONLY, 7).opened.value();
  EXPECT_TRUE(opened.direct_io);
  EXPECT_EQ(read(opened, 5000, 0).size(), 3000U);
  release(opened, inode);
}

TEST_F(FileOperationsTest, AnotherCallersLookUpProvesNothingForTheOneThatOpens) {
  product->bytes = std::string(3000, 'x');
  const auto inode = inode_of({kTarget, kPlate, "full.fits"});
  EXPECT_EQ(open_once(inode, O_RDONLY, 7).error, ESTALE);
  attributes_of(inode, 8);
  EXPECT_EQ(open_once(inode, O_RDONLY, 9).error, ESTALE);
  const auto opened = open_once(inode, O_RDONLY, 7).opened.value();
  EXPECT_TRUE(opened.direct_io);
  release(opened, inode);
}

TEST_F(FileOperationsTest, ATextThatChangedWhileItIsOpenIsAFileOfItsOwn) {
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

TEST_F(FileOperationsTest, ATextThatChangedSinceItWasClosedIsOpenedWithItsNewSize) {
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

TEST_F(FileOperationsTest, ReadsADocumentAsItWasWhenItWasOpened) {
  const auto inode = inode_of({kTarget, "plates.csv"});
  const auto file = open(inode).opened.value();
  const auto text = read(file, 1 << 20, 0);
  EXPECT_THAT(text, testing::StartsWith("plate,date_min"));
  library.plates->archives.clear();
  EXPECT_EQ(read(file, 1 << 20, 0), text);
  EXPECT_EQ(read(file, 5, 1 << 20), "");
  release(file);
}

TEST_F(FileOperationsTest, TheArchivesDocumentThatWasForgottenIsAskedForAgainOrIsAnError) {
  library.links->served = "<VOTABLE/>";
  const auto inode = inode_of({kTarget, kPlate, "datalink.vot"});
  library.knows_links = false;
  const auto file = open(inode).opened.value();
  EXPECT_EQ(read(file, 100, 0, inode), "<VOTABLE/>");
  release(file, inode);
  library.links_failure = vo::Error{vo::ErrorKind::Unavailable, "down"};
  EXPECT_EQ(open(inode).error, EIO);
}

TEST_F(FileOperationsTest, HandsOutADocumentWhoseReaderClosesItMeanwhile) {
  auto file = open(inode_of({kTarget, "target.reg"})).opened.value();
  auto reading = request();
  reading.on_bytes = [&] { release(file); };
  calls.read(&reading, 2, 1 << 20, 0, &file);
  EXPECT_THAT(reading.answer.bytes.value_or(""), testing::StartsWith("# Region file"));
}

TEST_F(FileOperationsTest, OpensNothingForWriting) {
  const auto inode = inode_of({kTarget, kPlate, "full.fits"});
  EXPECT_EQ(open(inode, O_WRONLY).error, EROFS);
  EXPECT_EQ(open(inode, O_RDWR | O_TRUNC).error, EROFS);
  EXPECT_EQ(open(inode_of({kTarget})).error, EISDIR);
}

TEST_F(FileOperationsTest, OpenSaysWhyAFileCannotBeHad) {
  product->failure = vo::Error{vo::ErrorKind::NotAuthorized, "embargo"};
  EXPECT_EQ(open(inode_of({kTarget, kPlate, "full.fits"})).error, EACCES);
}

TEST_F(FileOperationsTest, OpensOnlyWhatIsInTheCacheForAProgramThatDrawsIcons) {
  const auto inode = inode_of({kTarget, kPlate, "full.fits"});
  EXPECT_EQ(open(inode, O_RDONLY, ::getpid()).error, EACCES);
  product->known.state = cache::ProductState::Cached;
  const auto cached = open(inode, O_RDONLY, ::getpid());
  ASSERT_TRUE(cached.opened);
  release(*cached.opened);
}

TEST_F(FileOperationsTest, OpenOfAVersionThatIsGoneIsStale) {
  const auto inode = inode_of({kTarget, kPlate, "full.fits"});
  product->known.version = 3;
  EXPECT_EQ(open(inode).error, ESTALE);
}

TEST_F(FileOperationsTest, ASignalFreesAWaitingOpenAndWithdrawsIt) {
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

TEST_F(FileOperationsTest, WhatACachedFileThatWasCutShortCannotGiveIsAskedForOnceMore) {
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

TEST_F(FileOperationsTest, AnOpenThatNobodyAnswersIsAnIoErrorAndTold) {
  product->failure = vo::Error{vo::ErrorKind::Cancelled, "nobody answered the question"};
  EXPECT_EQ(open(inode_of({kTarget, kPlate, "full.fits"})).error, EIO) << "EINTR would be tried again for ever";
  EXPECT_THAT(logged, testing::Contains(testing::HasSubstr("nobody answered")));
}

TEST_F(FileOperationsTest, TextsThatChangeAllTheTimeAreReadToTheEndThatTheyHadAtOpen) {
  EXPECT_TRUE(is_past_the_kernels_cache({".platefs", "status.json"}));
  EXPECT_TRUE(is_past_the_kernels_cache({".platefs", "log.txt"}));
  EXPECT_FALSE(is_past_the_kernels_cache({"README.txt"}));
  EXPECT_FALSE(is_past_the_kernels_cache({kTarget, "plates.vot"}));
}

}  // namespace
}  // namespace platefs::fs
