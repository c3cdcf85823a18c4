// SPDX-License-Identifier: BSD-3-Clause
#include "vo/fits/tiles/check_hcompress.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "vo/base/error.h"
#include "vo/fits/compressed_image.h"
#include "vo/fits/hdu/card.h"
#include "vo/fits/preview.h"

namespace platefs::vo {
namespace {

/// Bits, written from the highest of a byte on.
class Bits {
 public:
  Bits& put(std::uint64_t number, unsigned count) {
    for (auto bit = count; bit-- > 0;) {
      if (used_ % 8 == 0) bytes_.push_back({});
      if ((number >> bit & 1) != 0) bytes_.back() |= std::byte{0x80} >> (used_ % 8);
      ++used_;
    }
    return *this;
  }
  std::vector<std::byte> bytes() const { return bytes_; }

 private:
  std::vector<std::byte> bytes_;
  std::size_t used_ = 0;
};

/// A square of zeros in 63 bit planes of each quadrant, all of them empty quadtrees: 341 bytes, however large.
std::vector<std::byte> empty_planes(std::uint64_t side) {
  constexpr unsigned kPlanes = 63;
  Bits bits;
  bits.put(0xDD99, 16).put(side, 32).put(side, 32).put(0, 32).put(0, 64);
  for (int kind = 0; kind < 3; ++kind) bits.put(kPlanes, 8);
  for (unsigned plane = 0; plane < 4 * kPlanes; ++plane) bits.put(0b1111, 4).put(0b111110, 6);
  return bits.put(0, 4).bytes();
}

HcompressTile square(std::int64_t side) { return {side, side * side, 63}; }

TEST(Hcompress, OfEmptyPlanesIsSound) {
  EXPECT_TRUE(hcompress_is_sound(empty_planes(16), square(16)));
  EXPECT_TRUE(hcompress_is_sound(empty_planes(15), square(15)));
  EXPECT_FALSE(hcompress_is_sound(empty_planes(16), square(15)));
  EXPECT_EQ(hcompress_planes(empty_planes(16)), 63u);
}

TEST(Hcompress, ThatBreaksOffIsNot) {
  const auto whole = empty_planes(16);
  for (std::size_t size = 0; size + 1 < whole.size(); ++size) {
    EXPECT_FALSE(hcompress_is_sound(std::span{whole}.first(size), square(16))) << size;
  }
}

TEST(Hcompress, CountsTheSignsOfWhatItsPlanesMark) {
  // One plane in the first quadrant as it is, with one coefficient: a sign must follow.
  Bits bits;
  bits.put(0xDD99, 16).put(2, 32).put(2, 32).put(0, 32).put(0, 64).put(1, 8).put(0, 8).put(0, 8);
  bits.put(0, 4).put(0b1000, 4).put(0, 4);  // direct, its only pixel, the end
  EXPECT_FALSE(hcompress_is_sound(bits.bytes(), square(2)));
  bits.put(0, 12);
  EXPECT_TRUE(hcompress_is_sound(bits.bytes(), square(2)));
}

TEST(Hcompress, CanBeStoppedAtEachPlane) {
  int planes = 0;
  const auto stop = [&planes] {
    if (++planes == 5) throw Error{ErrorKind::Cancelled, "stop"};
  };
  EXPECT_THROW(hcompress_is_sound(empty_planes(16), square(16), stop), Error);
  EXPECT_EQ(planes, 5);
}

/// A file whose only image is one such tile.
std::vector<std::byte> file_of(std::int64_t side) {
  const auto tile = empty_planes(static_cast<std::uint64_t>(side));
  FitsHeader primary;
  primary.set_logical("SIMPLE", true);
  primary.set_integer("BITPIX", 8);
  primary.set_integer("NAXIS", 0);
  FitsHeader table;
  table.set_text("XTENSION", "BINTABLE");
  for (const auto& [keyword, value] : {std::pair<const char*, std::int64_t>{"BITPIX", 8},
                                       {"NAXIS", 2},
                                       {"NAXIS1", 8},
                                       {"NAXIS2", 1},
                                       {"PCOUNT", static_cast<std::int64_t>(tile.size())},
                                       {"GCOUNT", 1},
                                       {"TFIELDS", 1},
                                       {"ZBITPIX", 32},
                                       {"ZNAXIS", 2},
                                       {"ZNAXIS1", side},
                                       {"ZNAXIS2", side},
                                       {"ZTILE1", side},
                                       {"ZTILE2", side}}) {
    table.set_integer(keyword, value);
  }
  table.set_text("TTYPE1", "COMPRESSED_DATA");
  table.set_text("TFORM1", "1PB(999)");
  table.set_logical("ZIMAGE", true);
  table.set_text("ZCMPTYPE", "HCOMPRESS_1");
  const auto head = primary.serialised() + table.serialised();
  const auto begin = std::as_bytes(std::span{head});
  std::vector<std::byte> file(begin.begin(), begin.end());
  const auto row = Bits{}.put(tile.size(), 32).put(0, 32).bytes();
  file.insert(file.end(), row.begin(), row.end());
  file.insert(file.end(), tile.begin(), tile.end());
  file.resize((file.size() + 2879) / 2880 * 2880);
  return file;
}

TEST(Hcompress, OfASmallTileIsDecodedThoughItHasManyPlanes) {
  const auto file = file_of(64);
  MemoryFitsSource source{file};
  EXPECT_FALSE(preview_of(source).empty());
}

TEST(Hcompress, IsRefusedWhereAFewBytesStandForTheWorkOfMinutes) {
  const auto file = file_of(16384);
  MemoryFitsSource source{file};
  try {
    preview_of(source);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::Rejected);
    EXPECT_THAT(error.message(), testing::HasSubstr("in 63 bit planes: too much work"));
  }
}

/// Nobody waits any more after some questions whether somebody does.
class AbandonedSource : public MemoryFitsSource {
 public:
  AbandonedSource(std::span<const std::byte> bytes, int questions) : MemoryFitsSource(bytes), left_(questions) {}
  bool is_cancelled() const override { return --left_ < 0; }

 private:
  mutable int left_;
};

TEST(Hcompress, IsLeftWhereNobodyWaitsForItAnyMore) {
  const auto file = file_of(64);
  for (const int questions : {0, 1, 100}) {
    AbandonedSource source{file, questions};
    try {
      preview_of(source);
      ADD_FAILURE() << questions;
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::Cancelled);
    }
  }
}

}  // namespace
}  // namespace platefs::vo
