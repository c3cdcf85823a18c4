// SPDX-License-Identifier: BSD-3-Clause
#include "vo/http/s3_text.h"

#include <gtest/gtest.h>

#include <string>

namespace platefs::test {
namespace {

TEST(S3Path, IsWrittenAsItIsSigned) {
  EXPECT_EQ(vo::s3_path("156.011+48.148/1888_b1.fits"), "156.011%2B48.148/1888_b1.fits");
  EXPECT_EQ(vo::s3_path("AG Dra@5m/~x-y/é%"), "AG%20Dra%405m/~x-y/%C3%A9%25");
}

TEST(S3ErrorPart, IsCleanedAndBounded) {
  EXPECT_EQ(vo::s3_error_part("<Error><Code>NoSuchBucket</Code><Message>a\nb</Message></Error>", "Message"), "a b");
  EXPECT_EQ(vo::s3_error_part("<Error><Code>cut", "Code"), "");
  EXPECT_EQ(vo::s3_error_part("<Code>" + std::string(5000, 'x') + "</Code>", "Code").size(), 500u);
  EXPECT_EQ(vo::s3_error_part("", "Code"), "");
}

TEST(S3BucketName, IsOneSegmentOfAPath) {
  for (const auto* name : {"plates", "my.plates-2", "UPPER_case"}) EXPECT_TRUE(vo::is_s3_bucket_name(name)) << name;
  for (const auto* name : {"", "ab", "a/b", "..", "a..b", "plates?x", "pl ates", "plates#"}) {
    EXPECT_FALSE(vo::is_s3_bucket_name(name)) << name;
  }
}

}  // namespace
}  // namespace platefs::test
