// SPDX-License-Identifier: BSD-3-Clause
#include "vo/http/multipart_byteranges.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "vo/base/error.h"

namespace platefs::vo {
namespace {

/// Notes what it hears.
struct Notes : MultipartByteranges::Listener {
  void on_part(const http::ContentRange& range) override { ranges.push_back(range); }
  void on_bytes(std::uint64_t offset, std::span<const std::byte> bytes) override {
    if (texts.size() < ranges.size()) {
      texts.emplace_back();
      offsets.push_back(offset);
    }
    texts.back().append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  }
  std::vector<http::ContentRange> ranges;
  std::vector<std::uint64_t> offsets;
  std::vector<std::string> texts;
};

std::span<const std::byte> bytes_of(std::string_view text) { return std::as_bytes(std::span{text}); }

// As nginx 1.22 answers.
constexpr std::string_view kBody =
    "\r\n--00000000000000000001\r\n"
    "Content-Type: application/octet-stream\r\nContent-Range: bytes 10-14/1000\r\n\r\nhello"
    "\r\n--00000000000000000001\r\n"
    "Content-Type: application/octet-stream\r\nContent-Range: bytes 500-509/1000\r\n\r\n\r\n--000000"
    "\r\n--00000000000000000001--\r\n";

TEST(ByterangesBoundary, IsFoundQuotedOrNotInAnyCase) {
  EXPECT_EQ(byteranges_boundary("multipart/byteranges; boundary=0001"), "0001");
  EXPECT_EQ(byteranges_boundary("Multipart/ByteRanges; charset=x; Boundary=\"a b\""), "a b");
  EXPECT_EQ(byteranges_boundary("multipart/x-byteranges;boundary=Abc"), "Abc");
  EXPECT_EQ(byteranges_boundary("image/fits"), std::nullopt);
  EXPECT_EQ(byteranges_boundary("multipart/byteranges"), std::nullopt);
  EXPECT_EQ(byteranges_boundary("multipart/byteranges; boundary=" + std::string(71, 'x')), std::nullopt);
}

TEST(MultipartByteranges, GivesEachPartWithItsPlaceHoweverTheBodyIsCut) {
  for (std::size_t piece = 1; piece <= kBody.size(); ++piece) {
    Notes notes;
    MultipartByteranges parts{"00000000000000000001", notes};
    for (std::size_t at = 0; at < kBody.size(); at += piece) parts.take(bytes_of(kBody.substr(at, piece)));
    ASSERT_EQ(notes.texts, (std::vector<std::string>{"hello", "\r\n--000000"})) << "pieces of " << piece;
    EXPECT_EQ(notes.offsets, (std::vector<std::uint64_t>{10, 500}));
    EXPECT_EQ(notes.ranges[1].total, 1000u);
    EXPECT_TRUE(parts.has_ended());
  }
}

TEST(MultipartByteranges, IgnoresWhatFollowsTheEnd) {
  Notes notes;
  MultipartByteranges parts{"B", notes};
  parts.take(bytes_of("--B--\r\n--B\r\nContent-Range: bytes 0-0/1\r\n\r\nx"));
  EXPECT_TRUE(notes.texts.empty());
}

TEST(MultipartByteranges, RefusesAPartThatDoesNotSayWhereItBelongs) {
  Notes notes;
  MultipartByteranges parts{"B", notes};
  EXPECT_THROW(parts.take(bytes_of("--B\r\nContent-Type: image/fits\r\n\r\nxxxx")), Error);
  MultipartByteranges lies{"B", notes};
  EXPECT_THROW(lies.take(bytes_of("--B\r\nContent-Range: bytes 9-3/10\r\n\r\nxxxx")), Error);
}

TEST(MultipartByteranges, RefusesABodyWithoutParts) {
  Notes notes;
  MultipartByteranges parts{"B", notes};
  const std::string page(100'000, '<');
  EXPECT_THROW(parts.take(bytes_of(page)), Error);
}

TEST(MultipartByteranges, PassesOnWhatTheListenerThrows) {
  struct Refuses : Notes {
    void on_part(const http::ContentRange&) override { throw Error{ErrorKind::Changed, "another"}; }
  } refuses;
  MultipartByteranges parts{"00000000000000000001", refuses};
  EXPECT_THROW(parts.take(bytes_of(kBody)), Error);
}

}  // namespace
}  // namespace platefs::vo
