// SPDX-License-Identifier: BSD-3-Clause
#include "fs/http/preconditions.h"

#include <gtest/gtest.h>

namespace platefs::fs {
namespace {

constexpr std::int64_t kTime = 784'111'777;
const std::string kDate = "Sun, 06 Nov 1994 08:49:37 GMT";
const Validators kVersion{"\"one\"", kTime};

HttpRequest with(std::string name, std::string value) {
  return {.method = "GET", .target = "/", .headers = {{std::move(name), std::move(value)}}};
}
Precondition of(const HttpRequest& request, const Validators& validators = kVersion) {
  return evaluate_preconditions(request, validators);
}

TEST(HttpDate, IsWrittenAndReadBack) {
  EXPECT_EQ(http_date(kTime), kDate);
  EXPECT_EQ(http_date_in(kDate), kTime);
  EXPECT_EQ(http_date_in(http_date(-2'511'648'000)), -2'511'648'000) << "a plate of 1890";
  EXPECT_EQ(http_date(-62'167'219'200), "Sat, 01 Jan 0000 00:00:00 GMT");
  EXPECT_EQ(http_date(253'402'300'800), "");
  EXPECT_EQ(http_date(INT64_MIN), "");
}

TEST(HttpDate, IsNoOtherText) {
  for (const auto* text :
       {"", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994", "Sun, 31 Feb 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 24:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 UTC", "Sun, +6 Nov 1994 08:49:37 GMT",
        "Sun, 06 nov 1994 08:49:37 GMT", "Sun, 00 Nov 1994 08:49:37 GMT"}) {
    EXPECT_FALSE(http_date_in(text)) << text;
  }
}

TEST(Preconditions, HoldWithoutConditions) { EXPECT_EQ(of({"GET", "/", {}}), Precondition::Holds); }

TEST(Preconditions, TellAClientThatItHasTheVersion) {
  for (const auto* known : {"\"one\"", "W/\"one\"", "\"zero\", \"one\"", "\"a,b\" ,W/\"one\"", "*"}) {
    EXPECT_EQ(of(with("If-None-Match", known)), Precondition::NotModified) << known;
  }
  for (const auto* known : {"\"two\"", "one", "\"one", "\"\"", "x\"one\""}) {
    EXPECT_EQ(of(with("if-none-match", known)), Precondition::Holds) << known;
  }
  EXPECT_EQ(of(with("If-None-Match", "\"\""), {}), Precondition::Holds) << "a file without a tag";
}

TEST(Preconditions, TakeADateForTheVersionOnlyWhenItIsTheSame) {
  EXPECT_EQ(of(with("If-Modified-Since", kDate)), Precondition::NotModified);
  EXPECT_EQ(of(with("If-Modified-Since", http_date(kTime + 1))), Precondition::Holds);
  EXPECT_EQ(of(with("If-Modified-Since", http_date(kTime - 1))), Precondition::Holds);
  EXPECT_EQ(of(with("If-Modified-Since", http_date(0)), {"\"one\"", 0}), Precondition::Holds);
}

TEST(Preconditions, PreferTheTagToTheDate) {
  auto request = with("If-None-Match", "\"two\"");
  request.headers.emplace_back("If-Modified-Since", kDate);
  EXPECT_EQ(of(request), Precondition::Holds);
}

TEST(Preconditions, FailWhereAnotherVersionIsWanted) {
  EXPECT_EQ(of(with("If-Match", "\"one\"")), Precondition::Holds);
  EXPECT_EQ(of(with("If-Match", "*")), Precondition::Holds);
  EXPECT_EQ(of(with("If-Match", "\"two\"")), Precondition::Failed);
  EXPECT_EQ(of(with("If-Match", "W/\"one\"")), Precondition::Failed) << "a weak tag is no version";
  EXPECT_EQ(of(with("If-Unmodified-Since", kDate)), Precondition::Holds);
  EXPECT_EQ(of(with("If-Unmodified-Since", http_date(kTime - 1))), Precondition::Failed);
}

TEST(IfRange, IsOnlyForTheVeryVersion) {
  EXPECT_TRUE(is_range_for({"GET", "/", {}}, kVersion));
  EXPECT_TRUE(is_range_for(with("If-Range", "\"one\""), kVersion));
  EXPECT_FALSE(is_range_for(with("If-Range", "\"two\""), kVersion));
  EXPECT_FALSE(is_range_for(with("If-Range", "W/\"one\""), kVersion));
  EXPECT_FALSE(is_range_for(with("If-Range", kDate), kVersion));
  EXPECT_FALSE(is_range_for(with("If-Range", "\"one\""), {}));
}

}  // namespace
}  // namespace platefs::fs
