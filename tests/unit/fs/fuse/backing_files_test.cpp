// SPDX-License-Identifier: BSD-3-Clause
#include "fs/fuse/backing_files.h"

#include <gtest/gtest.h>

namespace platefs::fs {
namespace {

int registered() { return 7; }
int refused() { return 0; }

int unexpected() {
  ADD_FAILURE() << "registered again";
  return 8;
}

TEST(BackingFiles, AreGivenBackByTheLastWhoCloses) {
  BackingFiles files;
  EXPECT_EQ(files.open(1, registered), 7);
  EXPECT_EQ(files.open(1, unexpected), 7);
  EXPECT_EQ(files.close(1), 0);
  EXPECT_EQ(files.close(1), 7);
}

TEST(BackingFiles, AreNotForWhoComesWhileAnotherAsksUs) {
  BackingFiles files;
  EXPECT_EQ(files.open(1, refused), 0);
  EXPECT_EQ(files.open(1, unexpected), 0);
  EXPECT_EQ(files.open(2, registered), 7) << "another inode";
  EXPECT_EQ(files.close(1), 0);
  EXPECT_EQ(files.close(1), 0);
  EXPECT_EQ(files.open(1, registered), 7);
}

TEST(BackingFiles, AreKeptForTheNextWhereTheFirstWasInterrupted) {
  BackingFiles files;
  EXPECT_EQ(files.open(1, registered), 7);
  files.abandon(1);
  EXPECT_EQ(files.open(1, unexpected), 7);
  EXPECT_EQ(files.close(1), 7);
}

}  // namespace
}  // namespace platefs::fs
