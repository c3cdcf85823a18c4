// SPDX-License-Identifier: BSD-3-Clause
#include "fs/fuse/errno_of.h"

#include <gtest/gtest.h>

#include <cerrno>

namespace platefs::fs {
namespace {

TEST(ErrnoOf, TellsAProgramWhatItCanActOn) {
  using enum vo::ErrorKind;
  EXPECT_EQ(errno_of(NotFound), ENOENT);
  EXPECT_EQ(errno_of(NotAuthorized), EACCES);
  EXPECT_EQ(errno_of(TimedOut), ETIMEDOUT);
  EXPECT_EQ(errno_of(NoSpace), ENOSPC);
  EXPECT_EQ(errno_of(Changed), ESTALE);
  EXPECT_EQ(errno_of(Refused), ECONNREFUSED);
  EXPECT_EQ(errno_of(Unreachable), EHOSTUNREACH);
  EXPECT_EQ(errno_of(Offline), ENETUNREACH);
  EXPECT_EQ(errno_of(BadUsage), EINVAL);
}

TEST(ErrnoOf, IsAnInputErrorForTheRest) {
  using enum vo::ErrorKind;
  for (const auto kind : {Cancelled, Unavailable, Rejected, Malformed, Corrupt, LocalIo})
    EXPECT_EQ(errno_of(kind), EIO);
}

}  // namespace
}  // namespace platefs::fs
