// SPDX-License-Identifier: BSD-3-Clause
#include "fs/http/request_range.h"

#include <gtest/gtest.h>

namespace platefs::fs {
namespace {

using Answer = RequestedRange::Answer;

void expect_part(std::string_view header, std::uint64_t size, vo::ByteRange range) {
  const auto wanted = requested_range(header, size);
  EXPECT_EQ(wanted.answer, Answer::Part) << header;
  EXPECT_EQ(wanted.bytes, range) << header;
}

TEST(RequestedRange, IsOneRangeOfTheFile) {
  expect_part("bytes=0-0", 10, {0, 1});
  expect_part("bytes=2-5", 10, {2, 6});
  expect_part("bytes=2-", 10, {2, 10});
  expect_part("bytes=2-99", 10, {2, 10});
  expect_part("bytes=-3", 10, {7, 10});
  expect_part("bytes=-99", 10, {0, 10});
  expect_part(" Bytes=2-5 ", 10, {2, 6});
  expect_part("bytes=9-18446744073709551615", 10, {9, 10});
  expect_part("bytes=9-99999999999999999999999", 10, {9, 10});
}

TEST(RequestedRange, CanNotBeSatisfiedBehindTheEnd) {
  for (const auto* header : {"bytes=10-", "bytes=10-11", "bytes=-0", "bytes=18446744073709551616-"}) {
    EXPECT_EQ(requested_range(header, 10).answer, Answer::Unsatisfiable) << header;
  }
  EXPECT_EQ(requested_range("bytes=0-0", 0).answer, Answer::Unsatisfiable);
  EXPECT_EQ(requested_range("bytes=-1", 0).answer, Answer::Unsatisfiable);
}

TEST(RequestedRange, IsIgnoredWhereItIsNotOneRangeOfBytes) {
  for (const auto* header : {"", "bytes", "bytes=", "bytes=-", "bytes=5-2", "bytes=a-b", "bytes=1-2,4-5", "bytes=+1-2",
                             "bytes=1--2", "lines=1-2", "bytes = 1-2", "bytes=1 -2", "bytes=0x1-2"}) {
    EXPECT_EQ(requested_range(header, 10).answer, Answer::Whole) << header;
  }
}

TEST(RequestedRange, IsToldToTheClient) {
  EXPECT_EQ(content_range({2, 6}, 10), "bytes 2-5/10");
  EXPECT_EQ(content_range({}, 10), "bytes */10");
}

}  // namespace
}  // namespace platefs::fs
