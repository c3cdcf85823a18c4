// SPDX-License-Identifier: BSD-3-Clause
#include "vo/base/error.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <new>

#include "vo/base/shown_text.h"

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

TEST(Error, IsOneLineWithoutControlCharactersWhateverAnArchiveWrites) {
  const Error error{ErrorKind::Rejected, "no\x1b]0;title\x07 such table\n2026-01-01T00:00:00 warn all is lost\r\x9b"};
  const auto message = error.message();
  EXPECT_EQ(message.find_first_of("\x1b\x07\n\r\x9b"), std::string::npos) << message;
  EXPECT_THAT(message, testing::HasSubstr("such table 2026-01-01"));
  EXPECT_EQ(error.within("asking\ngavo").message().find('\n'), std::string::npos);
}

TEST(Error, StaysShortHoweverMuchAnArchiveWritesAndKeepsWhatWasToBeDone) {
  const Error error{ErrorKind::Rejected, std::string(8 << 20, 'x')};
  EXPECT_LE(error.message().size(), kLongestShownText);
  const auto further = error.within("asking gavo");
  EXPECT_LE(further.message().size(), kLongestShownText);
  EXPECT_THAT(further.message(), testing::StartsWith("asking gavo: xxx"));
}

TEST(CurrentError, IsAnErrorOfOursWithItsKind) {
  const auto error = caught([] { throw Error{ErrorKind::Changed, "another version"}; });
  EXPECT_EQ(error.kind(), ErrorKind::Changed);
  EXPECT_EQ(error.message(), "reading the plate: another version");
}

TEST(CurrentError, QuotesOtherExceptionsInOneLine) {
  EXPECT_EQ(caught([] { throw std::runtime_error{"a\nb"}; }).message(), "reading the plate: a b");
}

TEST(CurrentError, TurnsEveryOtherExceptionIntoOne) {
  EXPECT_THAT(caught([] { throw std::bad_alloc{}; }).message(), testing::HasSubstr("out of memory"));
  EXPECT_THAT(caught([] { throw std::runtime_error{"odd"}; }).message(), testing::HasSubstr("odd"));
  EXPECT_THAT(caught([] { throw 7; }).message(), testing::HasSubstr("unknown"));
}

}  // namespace
}  // namespace platefs::vo
