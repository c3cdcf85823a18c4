// SPDX-License-Identifier: BSD-3-Clause
#include "fs/http/status_of.h"

#include <gtest/gtest.h>

namespace platefs::fs {
namespace {

TEST(StatusOf, TellsAClientWhatItCanActOn) {
  using enum vo::ErrorKind;
  EXPECT_EQ(status_of(NotFound).code, 404);
  EXPECT_EQ(status_of(NotAuthorized).code, 403);
  EXPECT_EQ(status_of(BadUsage).code, 400);
  EXPECT_EQ(status_of(TimedOut).code, 504);
  EXPECT_EQ(status_of(NoSpace).code, 507);
  for (const auto kind : {Refused, Unreachable, Rejected, Malformed}) EXPECT_EQ(status_of(kind).code, 502);
  for (const auto kind : {Changed, Unavailable, Offline, Cancelled}) EXPECT_EQ(status_of(kind).code, 503);
  for (const auto kind : {Corrupt, LocalIo}) EXPECT_EQ(status_of(kind).code, 500);
}

TEST(StatusOf, SaysWhenToAskAgainWhereThatHelps) {
  EXPECT_GT(status_of(vo::ErrorKind::Unavailable).retry_after, 0);
  EXPECT_GT(status_of(vo::ErrorKind::Changed).retry_after, 0);
  EXPECT_EQ(status_of(vo::ErrorKind::Offline).retry_after, 0);
  EXPECT_EQ(status_of(vo::ErrorKind::NotFound).retry_after, 0);
}

TEST(StatusOf, HasAPhraseForEachStatus) {
  for (const int code : {200, 301, 302, 400, 401, 403, 404, 405, 412, 413, 416, 421, 502, 503, 504, 507}) {
    EXPECT_NE(phrase_of(code), phrase_of(500)) << code;
  }
}

}  // namespace
}  // namespace platefs::fs
