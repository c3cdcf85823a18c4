// SPDX-License-Identifier: BSD-3-Clause
#include "vo/http/message.h"

#include <gtest/gtest.h>

namespace platefs::vo::http {
namespace {

using std::chrono::seconds;
using std::chrono::sys_days;

Head head_with(std::vector<std::pair<std::string, std::string>> headers) {
  return {.status = 200, .url = Url::parse("http://a.b/"), .headers = std::move(headers)};
}

TEST(Head, GivesTheFirstHeaderOfAName) {
  const auto head = head_with({{"etag", "\"1\""}, {"etag", "\"2\""}});
  EXPECT_EQ(head.header("etag"), "\"1\"");
  EXPECT_EQ(head.header("last-modified"), std::nullopt);
}

TEST(Head, ReducesTheMediaTypeToItsName) {
  EXPECT_EQ(head_with({{"content-type", " Text/XML ; charset=utf-8"}}).media_type(), "text/xml");
  EXPECT_EQ(head_with({{"content-type", "image/fits"}}).media_type(), "image/fits");
  EXPECT_EQ(head_with({}).media_type(), "");
}

TEST(Head, ReadsContentLengthOnlyWhenItIsANumber) {
  EXPECT_EQ(head_with({{"content-length", "18446744073709551615"}}).content_length(), UINT64_MAX);
  for (const auto* text : {"", "-1", "+1", "12x", "0x10", "18446744073709551616"}) {
    EXPECT_EQ(head_with({{"content-length", text}}).content_length(), std::nullopt) << text;
  }
}

TEST(ContentRange, ReadsWhatRfc9110Allows) {
  const auto part = parse_content_range("bytes 42-1233/1234");
  ASSERT_TRUE(part);
  EXPECT_EQ(part->range, (ByteRange{42, 1234}));
  EXPECT_EQ(part->total, 1234u);

  const auto unknown_total = parse_content_range(" Bytes 0-0/* ");
  ASSERT_TRUE(unknown_total);
  EXPECT_EQ(unknown_total->range, (ByteRange{0, 1}));
  EXPECT_EQ(unknown_total->total, std::nullopt);

  const auto unsatisfied = parse_content_range("bytes */1234");
  ASSERT_TRUE(unsatisfied);
  EXPECT_TRUE(unsatisfied->range.empty());
  EXPECT_EQ(unsatisfied->total, 1234u);
}

TEST(ContentRange, RefusesEverythingElse) {
  for (const auto* text :
       {"", "bytes", "bytes ", "bytes=0-1/2", "bytes 0-1", "bytes 1-0/5", "bytes 0-5/5", "bytes */*", "bytes -1/5",
        "bytes 1-/5", "bytes 0-1/5x", "lines 0-1/5", "bytes /5", "bytes 0-18446744073709551615/*", "bytes a-b/c"}) {
    EXPECT_FALSE(parse_content_range(text)) << text;
  }
}

// 1994-11-06 08:49:37 UTC, the example of RFC 9110 section 5.6.7.
const auto kExample = sys_days{std::chrono::year{1994} / 11 / 6} + seconds{8 * 3600 + 49 * 60 + 37};

TEST(RetryAfter, ReadsSeconds) {
  EXPECT_EQ(parse_retry_after("120", kExample), seconds{120});
  EXPECT_EQ(parse_retry_after(" 0 ", kExample), seconds{0});
  EXPECT_EQ(parse_retry_after("-5", kExample), seconds{0});
}

TEST(RetryAfter, ReadsTheThreeFormsOfADate) {
  for (const auto* text :
       {"Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"}) {
    EXPECT_EQ(parse_retry_after(text, kExample - seconds{90}), seconds{90}) << text;
    EXPECT_EQ(parse_retry_after(text, kExample + seconds{90}), seconds{0}) << text;
  }
}

TEST(RetryAfter, ReadsADateThatNanosecondsCannotCount) {
  const auto wait = parse_retry_after("Wed, 21 Oct 4085 07:28:00 GMT", kExample);
  ASSERT_TRUE(wait);
  EXPECT_EQ(*wait / std::chrono::years{1}, 2090);
  EXPECT_EQ(parse_retry_after("Wed, 21 Oct 70000 07:28:00 GMT", kExample), std::nullopt);
}

TEST(RetryAfter, IsNothingWhenItIsNeither) {
  for (const auto* text : {"", "soon", "1.5", "12 s", "Sun, 31 Feb 1994 08:49:37 GMT", "Sun, 06 Nov 1994 25:49:37 GMT",
                           "Sun, 06 Nov 1994"}) {
    EXPECT_EQ(parse_retry_after(text, kExample), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace platefs::vo::http
