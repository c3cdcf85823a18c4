// SPDX-License-Identifier: BSD-3-Clause
#include "vo/votable/stream.h"

#include "tests/support/votable_builder.h"
#include "vo/base/error.h"
#include "vo/votable/votable.h"

namespace platefs::vo {
namespace {

// python3: gzip.compress(struct.pack('>dd', 1.5, -2), mtime=0)
constexpr std::string_view kPacked = "H4sIAAAAAAACA7P/wQAGByAUAwAryL1uEAAAAA==";

TEST(VotableStream, IsBase64WhetherItSaysSoOrNot) {
  EXPECT_EQ(stream_bytes("base64", "Zm9v"), "foo");
  EXPECT_EQ(stream_bytes(" BASE64 ", "Zm\n9v"), "foo");
  EXPECT_EQ(stream_bytes("", "Zm9v"), "foo");
}

TEST(VotableStream, MayBeCompressedBelowIt) {
  const auto bytes = test::Binary{}.f64(1.5).f64(-2).bytes();
  for (const auto* encoding : {"gzip", "base64 gzip", "gzip,base64", "base64+GZIP"}) {
    EXPECT_EQ(stream_bytes(encoding, kPacked), bytes) << encoding;
  }
}

TEST(VotableStream, OfATableGivesItsRows) {
  const auto votable = read_votable(test::votable_document(
      test::table(R"(<FIELD name="x" datatype="double"/>)",
                  R"(<BINARY><STREAM encoding="base64 gzip">)" + std::string{kPacked} + "</STREAM></BINARY>")));
  ASSERT_EQ(votable.rows.size(), 2U);
  EXPECT_EQ(votable.rows[1][0], VotableValue{-2.0});
}

TEST(VotableStream, RefusesWhatItCannotRead) {
  EXPECT_THROW(stream_bytes("dynamic", "Zm9v"), Error);
  EXPECT_THROW(stream_bytes("gzip", "Zm9v"), Error);
  EXPECT_THROW(stream_bytes("gzip", ""), Error);
}

}  // namespace
}  // namespace platefs::vo
