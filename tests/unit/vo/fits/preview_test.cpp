// SPDX-License-Identifier: BSD-3-Clause
#include "vo/fits/preview.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "tests/support/fits_builder.h"
#include "vo/base/error.h"

namespace platefs::vo {
namespace {

/// Counts what is read.
class CountingSource : public MemoryFitsSource {
 public:
  using MemoryFitsSource::MemoryFitsSource;
  void read(std::span<const ByteRange> ranges, std::span<std::byte> out) override {
    bytes += out.size();
    MemoryFitsSource::read(ranges, out);
  }
  std::size_t bytes = 0;
};

/// Width and height in the frame header (SOF0) of a JPEG.
std::pair<int, int> size_of(const std::vector<std::byte>& jpeg) {
  const auto at = [&](std::size_t i) { return std::to_integer<int>(jpeg.at(i)); };
  EXPECT_EQ(at(0), 0xff);
  EXPECT_EQ(at(1), 0xd8);
  for (std::size_t i = 2; at(i) == 0xff; i += 2 + static_cast<std::size_t>(at(i + 2) << 8 | at(i + 3))) {
    if (at(i + 1) == 0xc0) return {at(i + 7) << 8 | at(i + 8), at(i + 5) << 8 | at(i + 6)};
  }
  ADD_FAILURE() << "no frame";
  return {};
}

std::vector<std::byte> preview(const std::string& file) {
  MemoryFitsSource source{test::bytes_of(file)};
  return preview_of(source);
}

TEST(FitsPreview, OfASmallPlateHasItsPixels) {
  EXPECT_EQ(size_of(preview(test::image_file(16, {900, 700}, {}))), std::pair(900, 700));
}

TEST(FitsPreview, IsAtMost1024PixelsASide) {
  EXPECT_EQ(size_of(preview(test::image_file(8, {3000, 500}, {}))), std::pair(1000, 167));
  EXPECT_EQ(size_of(preview(test::image_file(-32, {10, 2049}, {}))), std::pair(4, 683));
}

TEST(FitsPreview, ReadsOnlySomeRowsOfALargePlate) {
  const auto file = test::image_file(16, {4000, 4000}, {});
  CountingSource source{test::bytes_of(file)};
  EXPECT_EQ(size_of(preview_of(source)), std::pair(1000, 1000));
  EXPECT_LT(source.bytes, file.size() / 4 + 30'000);
}

TEST(FitsPreview, OfAnExtensionAndOfACubeShowsTheFirstPlane) {
  EXPECT_EQ(preview(test::extension_file(16, {90, 70}, {}, {})), preview(test::image_file(16, {90, 70}, {})));
  EXPECT_EQ(preview(test::image_file(32, {90, 70, 3}, {})), preview(test::image_file(32, {90, 70}, {})));
}

TEST(FitsPreview, FollowsTheSignOfTheScale) {
  EXPECT_NE(preview(test::image_file(16, {90, 70}, {"BSCALE  = -1.0"})), preview(test::image_file(16, {90, 70}, {})));
}

TEST(FitsPreview, NeedsAnImage) { EXPECT_THROW(preview("no FITS file at all"), Error); }

/// A file of one row, of which nothing is in memory: what is read of it is 7.
class WideSource : public FitsSource {
 public:
  explicit WideSource(std::int64_t width)
      : head_(test::header_unit({"SIMPLE  =                    T", "BITPIX  =                    8",
                                 "NAXIS   =                    2", "NAXIS1  = " + std::to_string(width),
                                 "NAXIS2  =                    1"})),
        width_(width) {}
  std::uint64_t size() override { return head_.size() + static_cast<std::uint64_t>(width_); }
  void read(std::span<const ByteRange> ranges, std::span<std::byte> out) override {
    bytes += out.size();
    for (const auto& range : ranges) {
      for (auto at = range.first; at < range.end; ++at, out = out.subspan(1)) {
        out.front() = at < head_.size() ? static_cast<std::byte>(head_[at]) : std::byte{7};
      }
    }
  }
  std::size_t bytes = 0;

 private:
  std::string head_;
  std::int64_t width_;
};

TEST(FitsPreview, OfAPlateOfAbsurdWidthReadsSamplesOfItsRow) {
  WideSource source{300'000'000};
  EXPECT_EQ(size_of(preview_of(source)).second, 1);
  EXPECT_LT(source.bytes, 26u << 20);
}

}  // namespace
}  // namespace platefs::vo
