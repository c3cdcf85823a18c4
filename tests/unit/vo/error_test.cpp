// SPDX-License-Identifier: BSD-3-Clause
#include "vo/error.h"

#include <new>

namespace platefs::vo {
namespace {

template <typename Throw>
Error caught(Throw fail) {
  try {
    fail();
  } catch (...) {
    return current_error("reading the plate");
  }
  return {ErrorKind::Corrupt, "nothing was thrown"};
}

TEST(Error, GainsContextOnTheWayUpAndKeepsItsKind) {
  const auto error = Error{ErrorKind::TimedOut, "no byte in 30 s"}.within("asking gavo");
  EXPECT_EQ(error.message(), "asking gavo: no byte in 30 s");
  EXPECT_EQ(error.kind(), ErrorKind::TimedOut);
}

TEST(CurrentError, IsAnErrorOfOursWithItsKind) {
  const auto error = caught([] { throw Error{ErrorKind::Changed, "another version"}; });
  EXPECT_EQ(error.kind(), ErrorKind::Changed);
  EXPECT_EQ(error.message(), "reading the plate: another version");
}

TEST(CurrentError, TurnsEveryOtherExceptionIntoOne) {
  EXPECT_THAT(caught([] { throw std::bad_alloc{}; }).message(), testing::HasSubstr("out of memory"));
  EXPECT_THAT(caught([] { throw std::runtime_error{"odd"}; }).message(), testing::HasSubstr("odd"));
  EXPECT_THAT(caught([] { throw 7; }).message(), testing::HasSubstr("unknown"));
}

}  // namespace
}  // namespace platefs::vo
