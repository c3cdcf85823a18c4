// SPDX-License-Identifier: BSD-3-Clause
#include "fs/http/request_path.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "vo/base/error.h"

namespace platefs::fs {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

bool is_refused(std::string_view target) {
  try {
    parse_request_path(target);
    return false;
  } catch (const vo::Error& error) {
    return error.kind() == vo::ErrorKind::BadUsage;
  }
}

TEST(RequestPath, IsTheNamesOfTheTarget) {
  const auto path = parse_request_path("/M31/cutouts/1890-05-17_i00811.fits");
  EXPECT_THAT(path.names, ElementsAre("M31", "cutouts", "1890-05-17_i00811.fits"));
  EXPECT_FALSE(path.is_directory);
  EXPECT_EQ(parse_request_path("http://localhost/a%2bb+c/?d").text, "/a%2bb+c/") << "as it was sent";
  EXPECT_TRUE(parse_request_path("/M31/").is_directory);
  EXPECT_THAT(parse_request_path("/").names, IsEmpty());
}

TEST(RequestPath, KeepsAPlusAndDecodesTheRest) {
  EXPECT_THAT(parse_request_path("/156.011+48.148").names, ElementsAre("156.011+48.148"));
  EXPECT_THAT(parse_request_path("/156.011%2B48.148%4020m/AG%20Dra").names,
              ElementsAre("156.011+48.148@20m", "AG Dra"));
  EXPECT_THAT(parse_request_path("/%c3%a9%3F%23").names, ElementsAre("\xc3\xa9?#"));
}

TEST(RequestPath, TakesTheQueryOff) {
  const auto path = parse_request_path("/M31/?token=a%62c&x=1");
  EXPECT_THAT(path.names, ElementsAre("M31"));
  EXPECT_TRUE(path.is_directory);
  EXPECT_EQ(query_value(path.query, "token"), "abc");
  EXPECT_EQ(query_value(path.query, "x"), "1");
  EXPECT_EQ(query_value(path.query, "y"), "");
  EXPECT_EQ(query_value("xtoken=1", "token"), "");
}

TEST(RequestPath, TakesSeveralSlashesForOne) {
  EXPECT_THAT(parse_request_path("//M31///plates.vot").names, ElementsAre("M31", "plates.vot"));
}

TEST(RequestPath, MayHaveAHostInFront) {
  const auto path = parse_request_path("http://localhost:80/M31/");
  EXPECT_EQ(path.authority, "localhost:80");
  EXPECT_THAT(path.names, ElementsAre("M31"));
  EXPECT_TRUE(is_refused("http://localhost"));
  EXPECT_TRUE(is_refused("http://localhost?x"));
}

TEST(RequestPath, NeverLeadsUpOrOut) {
  for (const auto* target :
       {"/..", "/M31/../..", "/M31/%2e%2e/x", "/%2E./x", "/./x", "/M31/..%2f..%2fetc", "/a%2Fb", "/a%00b", "/a%",
        "/a%4", "/a%zz", "/a%+1", "", "M31", "*", "https://localhost/", "/M31#x", "\\M31"}) {
    EXPECT_TRUE(is_refused(target)) << target;
  }
}

TEST(RequestPath, IsBounded) {
  EXPECT_FALSE(is_refused("/" + std::string(255, 'a')));
  EXPECT_TRUE(is_refused("/" + std::string(256, 'a')));
  std::string deep;
  for (int i = 0; i < 33; ++i) deep += "/a";
  EXPECT_TRUE(is_refused(deep));
}

TEST(RequestPath, IsEncodedSoThatItComesBack) {
  const std::vector<std::string> names{"10:24:02.7 +48:08:51@2m", "a%b?c#d&e;f", "\xc3\xa9"};
  const auto encoded = encoded_path(names, true);
  EXPECT_EQ(encoded.find_first_of(" +:?#&;@"), std::string::npos) << encoded;
  EXPECT_EQ(parse_request_path(encoded).names, names);
  EXPECT_EQ(encoded_path({}, true), "/");
  EXPECT_EQ(encoded_path({"a"}, false), "/a");
}

}  // namespace
}  // namespace platefs::fs
