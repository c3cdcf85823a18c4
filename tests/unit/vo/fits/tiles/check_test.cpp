// SPDX-License-Identifier: BSD-3-Clause
#include "vo/fits/tiles/check.h"

#include <fitsio.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <string>

#include "vo/base/error.h"
#include "vo/fits/image.h"
#include "vo/fits/tiles/check_rice.h"

namespace platefs::vo {
namespace {

constexpr long kWidth = 150;
constexpr long kHeight = 130;

struct Kind {
  int compression;
  int bitpix;
  long tile_width, tile_height;
};

template <typename Pixel>
void write(fitsfile* file, int type, int& status) {
  std::vector<Pixel> pixels;
  for (int i = 0; i < kWidth * kHeight; ++i) {
    pixels.push_back(static_cast<Pixel>(i % 97 == 0 ? 110 : 60 + i * 7919 % 23));
  }
  fits_write_img(file, type, 1, kWidth * kHeight, pixels.data(), &status);
}

/// A compressed image as cfitsio writes it, in memory.
std::vector<std::byte> written(const Kind& kind) {
  std::size_t size = 2880;
  void* memory = std::malloc(size);
  fitsfile* file = nullptr;
  int status = 0;
  long axes[2] = {kWidth, kHeight}, tile[2] = {kind.tile_width, kind.tile_height};
  fits_create_memfile(&file, &memory, &size, 2880, std::realloc, &status);
  fits_set_compression_type(file, kind.compression, &status);
  fits_set_tile_dim(file, 2, tile, &status);
  fits_create_img(file, kind.bitpix, 2, axes, &status);
  if (kind.bitpix == BYTE_IMG) write<unsigned char>(file, TBYTE, status);
  if (kind.bitpix == SHORT_IMG) write<short>(file, TSHORT, status);
  if (kind.bitpix == LONG_IMG) write<int>(file, TINT, status);
  fits_flush_file(file, &status);
  EXPECT_EQ(status, 0);
  const auto* bytes = static_cast<const std::byte*>(memory);
  std::vector<std::byte> copy(bytes, bytes + size);
  fits_close_file(file, &status);
  std::free(memory);
  return copy;
}

struct Tile {
  std::uint64_t row;
  std::vector<std::byte> bytes;
};

std::uint64_t number_at(std::span<const std::byte> bytes) {
  std::uint64_t number = 0;
  for (const auto byte : bytes.first(4)) number = number << 8 | std::to_integer<std::uint64_t>(byte);
  return number;
}

class EveryTile : public testing::TestWithParam<Kind> {
 protected:
  EveryTile() : file_(written(GetParam())), source_(file_), table_(*find_image(source_).tiles) {}

  std::vector<Tile> tiles() const {
    std::vector<Tile> all;
    const auto& column = table_.columns.front();
    for (std::uint64_t row = 0; row < table_.rows; ++row) {
      const auto cell = std::span{file_}.subspan(table_.table.first + row * table_.row_bytes);
      const auto first = table_.heap.first + number_at(cell.subspan(4));
      const auto bytes = std::span{file_}.subspan(first, number_at(cell) * column.element_bytes);
      all.push_back({row, {bytes.begin(), bytes.end()}});
    }
    return all;
  }
  bool is_sound(std::uint64_t row, std::span<const std::byte> bytes) const {
    try {
      require_sound_tile(table_, table_.columns.front(), row, bytes);
      return true;
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::Malformed);
      return false;
    }
  }

  std::vector<std::byte> file_;
  MemoryFitsSource source_;
  TileTable table_;
};

INSTANTIATE_TEST_SUITE_P(TileCheck, EveryTile,
                         testing::Values(Kind{RICE_1, SHORT_IMG, kWidth, 1}, Kind{RICE_1, BYTE_IMG, 40, 33},
                                         Kind{RICE_1, LONG_IMG, 64, 64}, Kind{GZIP_1, SHORT_IMG, 40, 33},
                                         Kind{GZIP_2, LONG_IMG, kWidth, 1}, Kind{PLIO_1, SHORT_IMG, 40, 33},
                                         Kind{HCOMPRESS_1, SHORT_IMG, 40, 33}, Kind{HCOMPRESS_1, BYTE_IMG, 150, 16},
                                         Kind{HCOMPRESS_1, LONG_IMG, 64, 64}));

TEST_P(EveryTile, ThatIsCompleteIsSound) {
  for (const auto& tile : tiles()) EXPECT_TRUE(is_sound(tile.row, tile.bytes)) << tile.row;
}

TEST_P(EveryTile, ThatBreaksOffIsNot) {
  for (const auto& tile : tiles()) {
    for (const auto size : {std::size_t{0}, std::size_t{1}, tile.bytes.size() / 2, tile.bytes.size() - 1}) {
      EXPECT_FALSE(is_sound(tile.row, std::span{tile.bytes}.first(size))) << tile.row << ' ' << size;
    }
  }
}

TEST_P(EveryTile, OfRiceHasABeginningForEachOfItsPixels) {
  if (GetParam().compression != RICE_1) return;
  for (const auto& tile : tiles()) {
    const RiceTile shape{table_.pixels_of_row(tile.row), table_.rice_block, table_.rice_bytes};
    for (const auto wanted : {std::int64_t{1}, shape.pixels / 2, shape.pixels - 1, shape.pixels}) {
      const auto beginning = rice_beginning(tile.bytes, shape, wanted);
      ASSERT_TRUE(beginning) << tile.row << ' ' << wanted;
      EXPECT_TRUE(rice_ends_within(*beginning, shape));
      const auto without_end = std::span{*beginning}.first(beginning->size() - 1);
      EXPECT_FALSE(rice_ends_within(without_end, shape)) << "it is no longer than it has to be";
    }
    EXPECT_FALSE(rice_beginning(std::span{tile.bytes}.first(2), shape, shape.pixels));
  }
}

TEST(TileCheck, AnHcompressTileOfAnotherSizeIsNotSound) {
  const auto file = written({HCOMPRESS_1, SHORT_IMG, 50, 26});
  MemoryFitsSource source{file};
  auto table = *find_image(source).tiles;
  const auto cell = std::span{file}.subspan(table.table.first);
  const auto bytes = std::span{file}.subspan(table.heap.first + number_at(cell.subspan(4)), number_at(cell));
  const auto& column = table.columns.front();
  EXPECT_NO_THROW(require_sound_tile(table, column, 0, bytes));
  std::swap(table.tile[0], table.tile[1]);  // as many pixels, another shape
  std::swap(table.tiles[0], table.tiles[1]);
  EXPECT_THROW(require_sound_tile(table, column, 0, bytes), Error);
}

TEST(TileCheck, AGzipTileThatSwellsIsNotSound) {
  const auto file = written({GZIP_1, SHORT_IMG, 150, 130});
  MemoryFitsSource source{file};
  auto table = *find_image(source).tiles;
  const auto cell = std::span{file}.subspan(table.table.first);
  const auto bytes = std::span{file}.subspan(table.heap.first + number_at(cell.subspan(4)), number_at(cell));
  table.tile = {15, 13};
  table.tiles = {10, 10};
  EXPECT_THROW(require_sound_tile(table, table.columns.front(), 0, bytes), Error);
}

}  // namespace
}  // namespace platefs::vo
