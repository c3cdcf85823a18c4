// SPDX-License-Identifier: BSD-3-Clause
#include "vo/base/base64.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "vo/base/error.h"

namespace platefs::vo {
namespace {

TEST(Base64, DecodesTheTestVectorsOfRfc4648) {
  EXPECT_EQ(base64_decoded(""), "");
  EXPECT_EQ(base64_decoded("Zg=="), "f");
  EXPECT_EQ(base64_decoded("Zm8="), "fo");
  EXPECT_EQ(base64_decoded("Zm9v"), "foo");
  EXPECT_EQ(base64_decoded("Zm9vYg=="), "foob");
  EXPECT_EQ(base64_decoded("Zm9vYmE="), "fooba");
  EXPECT_EQ(base64_decoded("Zm9vYmFy"), "foobar");
}

TEST(Base64, GivesBackAllBytes) { EXPECT_EQ(base64_decoded("AP+A/w=="), std::string("\0\xff\x80\xff", 4)); }

TEST(Base64, SkipsWhiteSpaceWhereverItStands) { EXPECT_EQ(base64_decoded("\n  Z m9\r\nvY\tmE =\n"), "fooba"); }

TEST(Base64, RefusesTextThatWasCutOff) {
  for (const auto* text : {"Z", "Zm", "Zm9", "Zm9vY", "Zm9vYg", "Zm9vYg=", "=", "Zm9v="}) {
    EXPECT_THROW(base64_decoded(text), Error) << text;
  }
}

TEST(Base64, RefusesDigitsBehindThePadding) { EXPECT_THROW(base64_decoded("Zg==Zg=="), Error); }

TEST(Base64, SaysWhichByteIsNoDigit) {
  try {
    base64_decoded("Zm9v*");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::Malformed);
    EXPECT_THAT(error.message(), testing::HasSubstr("0x2a at offset 4"));
  }
}

TEST(Base64, OfALongTextIsTheSamePieceByPiece) {
  std::string text;
  for (int i = 0; i < 900'000; ++i) {
    text += "QUJD";
    if (i % 7 == 0) text += " \n";
  }
  for (const auto* end : {"", "QQ==\n", "\nQUI=", "Q Q = =  "}) {
    const auto long_text = text + end;
    Base64Pieces pieces{long_text};
    std::string bytes;
    int count = 1;
    while (pieces.append_to(bytes)) ++count;
    EXPECT_EQ(bytes, base64_decoded(long_text)) << end;
    EXPECT_GT(count, 2);
  }
  for (const auto* end : {"Q", "QQ", "QQ==QUJD", "Q*=="}) {
    const auto broken = text + end;
    Base64Pieces pieces{broken};
    std::string bytes;
    EXPECT_THROW(while (pieces.append_to(bytes)){}, Error) << end;
  }
}

}  // namespace
}  // namespace platefs::vo
