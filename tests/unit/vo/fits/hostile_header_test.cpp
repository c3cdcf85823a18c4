// SPDX-License-Identifier: BSD-3-Clause
// Plates of strangers: each ends in an error that says why, after few requests for few bytes.

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/fits_builder.h"
#include "vo/base/error.h"
#include "vo/fits/cutout.h"
#include "vo/fits/preview.h"

namespace platefs::vo {
namespace {

using test::Cards;
using test::joined;
using testing::HasSubstr;

const Cone kTarget{IcrsPosition::at(Angle::degrees(156.011), Angle::degrees(48.148)), Angle::degrees(0.02)};
constexpr std::uint64_t kTerabyte = std::uint64_t{1} << 40;

/// A file that begins with `start` and goes on with the same card for ever, that is, to `size`.
class EndlessFile : public FitsSource {
 public:
  EndlessFile(std::string start, std::string_view card, std::uint64_t size)
      : start_(std::move(start)), card_(fmt::format("{:<80}", card)), size_(size) {}

  std::uint64_t size() override { return size_; }
  void read(std::span<const ByteRange> ranges, std::span<std::byte> out) override {
    ++calls;
    bytes += out.size();
    std::size_t at = 0;
    for (const auto& range : ranges) {
      ASSERT_LE(range.end, size_);
      for (auto here = range.first; here < range.end; ++here) out[at++] = static_cast<std::byte>(byte_at(here));
    }
  }

  int calls = 0;
  std::size_t bytes = 0;

 private:
  char byte_at(std::uint64_t at) const { return at < start_.size() ? start_[at] : card_[at % card_.size()]; }

  std::string start_, card_;
  std::uint64_t size_;
};

struct Refusal {
  std::string message;
  int calls = 0;
  std::size_t bytes = 0;
};

template <typename Use>
Refusal refusal_of(EndlessFile file, const Use& use) {
  try {
    use(file);
  } catch (const Error& error) {
    return {error.message(), file.calls, file.bytes};
  }
  return {"no refusal", file.calls, file.bytes};
}

Refusal refusal_of(const std::string& start, std::uint64_t size = kTerabyte, std::string_view card = "") {
  const auto cutting = refusal_of(EndlessFile{start, card, size}, [](auto& file) { cut(file, kTarget, {}); });
  const auto drawing = refusal_of(EndlessFile{start, card, size}, [](auto& file) { preview_of(file); });
  EXPECT_NE(drawing.message, "no refusal");
  EXPECT_LE(drawing.calls, cutting.calls + 1);
  return cutting;
}

std::string primary(const Cards& more) {
  return test::header_unit(joined({"SIMPLE  =                    T"}, joined(more, test::tan_cards())));
}

std::string packed(const Cards& more) {
  const Cards table{"XTENSION= 'BINTABLE'", "BITPIX  = 8",   "NAXIS   = 2",
                    "NAXIS1  = 8",          "NAXIS2  = 700", "PCOUNT  = 10000",
                    "GCOUNT  = 1",          "TFIELDS = 1",   "TTYPE1  = 'COMPRESSED_DATA'",
                    "TFORM1  = '1PB(10)'",  "ZIMAGE  = T",   "ZBITPIX = 16",
                    "ZNAXIS  = 2",          "ZNAXIS1 = 900", "ZNAXIS2 = 700",
                    "ZCMPTYPE= 'RICE_1'"};
  return test::header_unit({"SIMPLE  = T", "BITPIX  = 8", "NAXIS   = 0"}) +
         test::header_unit(joined(joined(table, more), test::tan_cards()));
}

TEST(HostileHeader, OfImpossibleSizeIsRefusedAfterOneRequest) {
  const Cards two{"BITPIX  = 16", "NAXIS   = 2"};
  const std::pair<Cards, const char*> kinds[] = {
      {{"BITPIX  = 16", "NAXIS   = 1000"}, "NAXIS = 1000"},
      {{"BITPIX  = 16", "NAXIS   = 999"}, "without an integer NAXIS1"},
      {{"BITPIX  = 16", "NAXIS   = -2"}, "NAXIS = -2"},
      {{"BITPIX  = 16", "NAXIS   = 99999999999999999999"}, "without an integer NAXIS"},
      {joined(two, {"NAXIS1  = -900", "NAXIS2  = 700"}), "NAXIS1 = -900"},
      {joined(two, {"NAXIS1  = 9000000000000000000", "NAXIS2  = 700"}), "impossible size"},
      {joined(two, {"NAXIS1  = 4000000000", "NAXIS2  = 4000000000"}), "impossible size"},
      {joined(two, {"NAXIS1  = 1000000000", "NAXIS2  = 1000000000"}), "ends before its image does"},
      {joined(two, {"NAXIS1  = 900", "NAXIS2  = 700", "PCOUNT  = 9223372036854775807"}), "impossible size"},
      {joined(two, {"NAXIS1  = 900", "NAXIS2  = 700", "PCOUNT  = -1"}), "PCOUNT = -1"},
      {joined(two, {"NAXIS1  = 900", "NAXIS2  = 700", "GCOUNT  = 9223372036854775807"}), "impossible size"},
      {joined(two, {"NAXIS1  = 900", "NAXIS2  = 700", "PCOUNT  = 1000000000000"}), "ends before its image does"},
      {{"BITPIX  = 12", "NAXIS   = 2", "NAXIS1  = 900", "NAXIS2  = 700"}, "BITPIX = 12"},
      {joined(two, {"NAXIS1  = 'wide'", "NAXIS2  = 700"}), "without an integer NAXIS1"}};
  for (const auto& [cards, words] : kinds) {
    const auto refusal = refusal_of(primary(cards));
    EXPECT_THAT(refusal.message, HasSubstr(words));
    EXPECT_LE(refusal.calls, 2) << words;
    EXPECT_LE(refusal.bytes, 64u * 1024) << words;
  }
}

TEST(HostileHeader, WithoutEndIsGivenUpAfterAFewRequests) {
  for (const auto* card : {"COMMENT  and so on", "", "PV1_7   = 1.0", "CONTINUE  'and so on&'"}) {
    const auto refusal = refusal_of(primary({"BITPIX  = 16"}).substr(0, 160), kTerabyte, card);
    EXPECT_THAT(refusal.message, HasSubstr("without END")) << card;
    EXPECT_LE(refusal.calls, 12) << card;
    EXPECT_LE(refusal.bytes, std::size_t{16} << 20) << card;
  }
}

TEST(HostileHeader, OfAMillionCardsIsGivenUpLikeOneWithoutEnd) {
  auto start = primary({"BITPIX  = 16"}).substr(0, 160);
  for (int i = 0; i < 1'000'000; ++i) start += fmt::format("{:<80}", fmt::format("K{:<7}= {}", i % 1000000, i));
  const auto refusal = refusal_of(start + fmt::format("{:<80}", "END"));
  EXPECT_THAT(refusal.message, HasSubstr("without END"));
  EXPECT_LE(refusal.bytes, std::size_t{16} << 20);
}

TEST(HostileHeader, ThatBreaksOffSaysSo) {
  const auto start = primary({"BITPIX  = 16", "NAXIS   = 2", "NAXIS1  = 900", "NAXIS2  = 700"});
  EXPECT_THAT(refusal_of(start, 500).message, HasSubstr("ends inside a header"));
  EXPECT_THAT(refusal_of(start, start.size()).message, HasSubstr("ends before its image does"));
  EXPECT_THAT(refusal_of(start, start.size() + 900 * 700 * 2 - 1).message, HasSubstr("ends before its image does"));
  EXPECT_THAT(refusal_of(start, 0).message, HasSubstr("it is empty"));
}

TEST(HostileHeader, OfAFileWithHdusWithoutEndIsGivenUp) {
  // Every extension is as empty as the one before it.
  auto start = primary({"BITPIX  = 8", "NAXIS   = 0"});
  const auto empty = test::header_unit({"XTENSION= 'IMAGE   '", "BITPIX  = 8", "NAXIS   = 0"});
  for (int i = 0; i < 2000; ++i) start += empty;
  const auto refusal = refusal_of(start);
  EXPECT_THAT(refusal.message, HasSubstr("without an image"));
  EXPECT_LE(refusal.calls, 1001);  // the last one: is it gzip-ed?
}

TEST(HostileTiles, OutsideOfTheFileAreRefusedBeforeTheyAreAskedFor) {
  for (const auto* number : {"\x7f\xff\xff\xff", "\xff\xff\xff\xff", "\x00\x10\x00\x00"}) {
    const std::string four(number, 4);
    auto start = packed({});
    for (int i = 0; i < 700; ++i) start += std::string("\0\0\0\x64", 4) + four;
    const auto refusal = refusal_of(start, start.size() + 10000);
    EXPECT_THAT(refusal.message, HasSubstr("of a heap of 10000"));
    EXPECT_LE(refusal.calls, 4);
    EXPECT_LE(refusal.bytes, 64u * 1024);
  }
}

TEST(HostileTiles, OfImpossibleShapeAreRefusedByTheHeader) {
  const std::pair<Cards, const char*> kinds[] = {{{"ZTILE1  = 0"}, "ZTILE1"},
                                                 {{"THEAP   = 99999999999"}, "THEAP"},
                                                 {{"ZTILE1  = 9223372036854775807", "ZTILE2  = 2"}, "700 table rows"},
                                                 {{"ZNAME1  = 'BLOCKSIZE'", "ZVAL1   = 2000000000"}, "ZVAL1"}};
  for (const auto& [cards, words] : kinds) {
    const auto refusal = refusal_of(packed(cards));
    EXPECT_THAT(refusal.message, HasSubstr(words));
    EXPECT_LE(refusal.calls, 3) << words;
  }
}

TEST(HostileCoordinates, ThatAreNoNumbersAreRefusedByName) {
  const auto start =
      test::header_unit({"SIMPLE  = T", "BITPIX  = 16", "NAXIS   = 2", "NAXIS1  = 900", "NAXIS2  = 700",
                         "CTYPE1  = 'RA---TAN'", "CTYPE2  = 'DEC--TAN'", "CRVAL1  = NaN", "CRVAL2  = 48.148",
                         "CRPIX1  = 450", "CRPIX2  = 350", "CDELT1  = -0.0004", "CDELT2  = 0.0004"});
  const auto refusal =
      refusal_of(EndlessFile{start, "", start.size() + 900 * 700 * 2}, [](auto& plate) { cut(plate, kTarget, {}); });
  EXPECT_THAT(refusal.message, HasSubstr("CRVAL1 = NaN"));
  EXPECT_EQ(refusal.calls, 1);
}

}  // namespace
}  // namespace platefs::vo
