// SPDX-License-Identifier: BSD-3-Clause
#include "tools/demo_archive/ranges.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace platefs::demo {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Optional;
using vo::ByteRange;

StoredFile alphabet() {
  return {content_of_text("abcdefghijklmnopqrstuvwxyz"), "image/fits", "\"v1\"", "Wed, 01 Jan 2020 00:00:00 GMT"};
}

Answer asked(std::map<std::string, std::string, std::less<>> headers) {
  Request request;
  request.method = "GET";
  request.headers = std::move(headers);
  return file_answer(request, alphabet());
}

TEST(Ranges, AreReadInAllFormsOfTheStandard) {
  EXPECT_THAT(ranges_of("bytes=0-4", 26), Optional(ElementsAre(ByteRange{0, 5})));
  EXPECT_THAT(ranges_of("bytes=20-", 26), Optional(ElementsAre(ByteRange{20, 26})));
  EXPECT_THAT(ranges_of("bytes=-3", 26), Optional(ElementsAre(ByteRange{23, 26})));
  EXPECT_THAT(ranges_of("bytes=24-99, 0-0", 26), Optional(ElementsAre(ByteRange{24, 26}, ByteRange{0, 1})));
}

TEST(Ranges, ThatCannotBeSatisfiedAreLeftOut) {
  EXPECT_THAT(ranges_of("bytes=26-30", 26), Optional(IsEmpty()));
  EXPECT_THAT(ranges_of("bytes=26-30,1-2", 26), Optional(ElementsAre(ByteRange{1, 3})));
}

TEST(Ranges, OfAWrongFormAreIgnored) {
  for (const auto* const header : {"", "lines=1-2", "bytes=4-2", "bytes=a-b", "bytes=1-2;3-4", "bytes=-"}) {
    EXPECT_FALSE(ranges_of(header, 26)) << header;
  }
}

TEST(FileAnswer, OneRangeIsA206WithItsPlace) {
  const auto answer = asked({{"range", "bytes=2-4"}});
  EXPECT_EQ(answer.status, 206);
  EXPECT_EQ(answer.header("Content-Range"), "bytes 2-4/26");
  EXPECT_EQ(text_of(*answer.content), "cde");
}

TEST(FileAnswer, SeveralRangesComeInParts) {
  const auto answer = asked({{"range", "bytes=0-1,24-25"}});
  EXPECT_EQ(answer.status, 206);
  EXPECT_THAT(answer.header("content-type"), HasSubstr("multipart/byteranges; boundary="));
  const auto text = text_of(*answer.content);
  EXPECT_THAT(text, HasSubstr("Content-Range: bytes 0-1/26\r\n\r\nab\r\n--"));
  EXPECT_THAT(text, HasSubstr("Content-Range: bytes 24-25/26\r\n\r\nyz\r\n--"));
}

TEST(FileAnswer, TheWholeFileWhenTheClientKnowsAnotherVersion) {
  EXPECT_EQ(asked({{"range", "bytes=2-4"}, {"if-range", "\"v1\""}}).status, 206);
  EXPECT_EQ(asked({{"range", "bytes=2-4"}, {"if-range", "\"v0\""}}).status, 200);
  EXPECT_EQ(asked({{"range", "bytes=2-4"}, {"if-range", "Wed, 01 Jan 2020 00:00:00 GMT"}}).status, 206);
}

TEST(FileAnswer, NothingWhenTheClientHasIt) {
  EXPECT_EQ(asked({{"if-none-match", "\"v1\""}}).status, 304);
  EXPECT_EQ(asked({{"if-none-match", "\"v0\""}}).status, 200);
}

TEST(FileAnswer, A416NamesTheSize) {
  const auto answer = asked({{"range", "bytes=100-"}});
  EXPECT_EQ(answer.status, 416);
  EXPECT_EQ(answer.header("Content-Range"), "bytes */26");
}

}  // namespace
}  // namespace platefs::demo
