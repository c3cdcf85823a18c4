// SPDX-License-Identifier: BSD-3-Clause
#include "vo/fits/hdu/gzip_source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/fits_builder.h"
#include "tests/support/gzipped.h"
#include "vo/base/error.h"
#include "vo/fits/cutout.h"
#include "vo/fits/image.h"
#include "vo/fits/preview.h"

namespace platefs::vo {
namespace {

using test::bytes_of;
using test::gzipped;

/// Digits that deflate does not make much of.
std::string noise(std::size_t size) {
  std::string text(size, '\0');
  std::uint32_t state = 1;
  for (auto& c : text) {
    state = state * 1664525 + 1013904223;
    c = static_cast<char>(state >> 24);
  }
  return text;
}

/// Remembers how far it was read.
class WatchedSource : public MemoryFitsSource {
 public:
  using MemoryFitsSource::MemoryFitsSource;
  void read(std::span<const ByteRange> ranges, std::span<std::byte> out) override {
    for (const auto& range : ranges) {
      furthest = std::max(furthest, range.end);
      longest = std::max(longest, range.size());
    }
    MemoryFitsSource::read(ranges, out);
  }
  std::uint64_t furthest = 0, longest = 0;
};

std::string read_of(FitsSource& source, std::vector<ByteRange> ranges) {
  std::size_t size = 0;
  for (const auto& range : ranges) size += range.size();
  std::string text(size, '\0');
  source.read(ranges, std::as_writable_bytes(std::span{text}));
  return text;
}

ErrorKind failure_of(FitsSource& source, ByteRange range, const char* words) {
  try {
    read_of(source, {range});
  } catch (const Error& error) {
    EXPECT_THAT(error.message(), testing::HasSubstr(words));
    return error.kind();
  }
  ADD_FAILURE() << "no failure";
  return ErrorKind::LocalIo;
}

TEST(GzipSource, IsTheUnpackedFile) {
  const auto text = noise(3'000'000);
  const auto packed = gzipped(text);
  MemoryFitsSource file{bytes_of(packed)};
  GzipSource source{file};
  EXPECT_EQ(read_of(source, {{0, 100}}), text.substr(0, 100));
  EXPECT_EQ(read_of(source, {{2'000'000, 2'000'010}, {500'000, 500'010}}),
            text.substr(2'000'000, 10) + text.substr(500'000, 10));
  EXPECT_EQ(read_of(source, {{0, text.size()}}), text);
  EXPECT_EQ(source.end_before(text.size() + 1), text.size());
  EXPECT_EQ(source.size(), text.size());
}

TEST(GzipSource, UnpacksNoFurtherThanIsRead) {
  const auto packed = gzipped(noise(30'000'000));
  WatchedSource file{bytes_of(packed)};
  GzipSource source{file};
  EXPECT_EQ(source.end_before(5'000'000), 5'000'000u);
  EXPECT_GE(source.size(), 30'000'000u);
  EXPECT_LT(file.furthest, 10'000'000u);
  EXPECT_LE(file.longest, 8u << 20);
}

TEST(GzipSource, BeginsAnewForOneWhoGoesBackButNotForEver) {
  const auto text = noise(20'000'000);
  const auto packed = gzipped(text);
  MemoryFitsSource file{bytes_of(packed)};
  GzipSource source{file};
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(read_of(source, {{19'000'000, 19'000'005}}), text.substr(19'000'000, 5));
    EXPECT_EQ(read_of(source, {{100, 105}}), text.substr(100, 5));
  }
  read_of(source, {{19'000'000, 19'000'005}});
  EXPECT_EQ(failure_of(source, {100, 105}, "again and again"), ErrorKind::Rejected);
}

TEST(GzipSource, JoinsTheMembersOfAFile) {
  const auto first = noise(300'000), second = noise(500'000);
  const auto packed = gzipped(first) + gzipped(second) + std::string(1000, '\0');
  MemoryFitsSource file{bytes_of(packed)};
  GzipSource source{file};
  EXPECT_EQ(read_of(source, {{0, 800'000}}), first + second);
  EXPECT_EQ(source.end_before(900'000), 800'000u);
}

TEST(GzipSource, SaysWhereAFileBreaksOff) {
  const auto packed = gzipped(noise(1'000'000)).substr(0, 600'000);
  MemoryFitsSource file{bytes_of(packed)};
  GzipSource source{file};
  EXPECT_EQ(failure_of(source, {0, 1'000'000}, "ends at byte"), ErrorKind::Malformed);
}

TEST(GzipSource, SaysWhereAFileIsBroken) {
  auto packed = gzipped(std::string(1'000'000, 'a') + noise(1'000'000));
  std::fill(packed.begin() + 200'000, packed.begin() + 201'000, '\xff');
  MemoryFitsSource file{bytes_of(packed)};
  GzipSource source{file};
  EXPECT_EQ(failure_of(source, {0, 2'000'000}, "gzip-ed"), ErrorKind::Malformed);
}

TEST(GzipSource, IsMadeOfGzipOnly) {
  const auto plain = test::image_file(16, {30, 20}, {});
  const auto packed = gzipped(plain);
  MemoryFitsSource plain_file{bytes_of(plain)}, packed_file{bytes_of(packed)}, empty{{}};
  EXPECT_EQ(unpacked(plain_file), nullptr);
  EXPECT_EQ(unpacked(empty), nullptr);
  ASSERT_NE(unpacked(packed_file), nullptr);
  EXPECT_EQ(find_image(*unpacked(packed_file)).data, (ByteRange{2880, 2880 + 1200}));
}

Cone around_target() {
  return {IcrsPosition::at(Angle::degrees(156.011), Angle::degrees(48.148)), Angle::degrees(0.02)};
}

TEST(GzippedPlate, GivesTheCutoutOfThePlainOneAndSaysSo) {
  const auto plain = test::extension_file(16, {900, 700}, {}, test::tan_cards());
  const auto packed = gzipped(plain);
  MemoryFitsSource plain_file{bytes_of(plain)}, packed_file{bytes_of(packed)};
  const auto expected = cut(plain_file, around_target(), {});
  const auto cutout = cut(packed_file, around_target(), {});
  EXPECT_EQ(cutout.section.cone.box, expected.section.cone.box);
  const std::string text(reinterpret_cast<const char*>(cutout.file.data()), cutout.file.size());
  EXPECT_THAT(text, testing::HasSubstr("gzip-ed"));
  MemoryFitsSource first{cutout.file}, second{expected.file};
  const auto image = find_image(first), other = find_image(second);
  EXPECT_EQ(read_of(first, {image.data}), read_of(second, {other.data}));
}

TEST(GzippedPlate, GivesAPreview) {
  const auto packed = gzipped(test::image_file(16, {900, 700}, {}));
  MemoryFitsSource file{bytes_of(packed)};
  EXPECT_FALSE(preview_of(file).empty());
}

TEST(GzippedPlate, IsReadToTheLastWantedRowOnly) {
  const auto packed = gzipped(test::image_file(-64, {900, 700}, test::tan_cards()) + noise(20'000'000));
  WatchedSource file{bytes_of(packed)};
  cut(file, around_target(), {});
  EXPECT_LT(file.furthest, packed.size() / 2);
}

TEST(GzippedPlate, ThatIsNoFitsFileSaysHowItBegins) {
  const auto packed = gzipped("<html>");
  MemoryFitsSource file{bytes_of(packed)};
  try {
    check_cutout(file, around_target().centre);
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.message(), testing::HasSubstr("is no FITS file: begins with \"<html>\""));
  }
}

TEST(GzippedAnswer, IsServedUnpacked) {
  const auto packed =
      gzipped(test::image_file(16, {110, 110},
                               {"CTYPE1  = 'RA---TAN'", "CTYPE2  = 'DEC--TAN'", "CRVAL1  = 156.011", "CRVAL2  = 48.148",
                                "CRPIX1  = 55.0", "CRPIX2  = 55.0", "CDELT1  = -0.0004", "CDELT2  = 0.0004"}));
  MemoryFitsSource file{bytes_of(packed)};
  const auto served = trimmed(file, around_target(), {});
  ASSERT_TRUE(served);
  EXPECT_EQ(std::to_integer<char>(served->file.front()), 'S');
}

}  // namespace
}  // namespace platefs::vo
