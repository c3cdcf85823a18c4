// SPDX-License-Identifier: BSD-3-Clause
#include "vo/fits/tiles/table.h"

#include <gtest/gtest.h>

#include "tests/support/fits_builder.h"
#include "vo/base/error.h"
#include "vo/fits/tiles/subset_file.h"

namespace platefs::vo {
namespace {

constexpr PixelBox kBox{401, 500, 300, 399};

FitsHeader table(const test::Cards& more) {
  return FitsHeader::parse(test::bytes_of(
      test::header_unit(test::joined({"XTENSION= 'BINTABLE'", "NAXIS1  = 8", "NAXIS2  = 700", "PCOUNT  = 1000",
                                      "TFIELDS = 1", "TTYPE1  = 'COMPRESSED_DATA'", "TFORM1  = '1PB(10)'",
                                      "ZIMAGE  = T", "ZBITPIX = 16", "ZNAXIS  = 2", "ZNAXIS1 = 900"},
                                     more))));
}

TileTable tiles_of(const test::Cards& more) { return tile_table_of(table(more), {2880, 2880 + 5600 + 1000}); }

TEST(TileTable, KnowsTheRowsOfABoxWithTilesOfAnyShape) {
  const auto tiles = tiles_of({"ZNAXIS2 = 700", "ZTILE1  = 45", "ZTILE2  = 20", "ZCMPTYPE= 'RICE_1'"});
  const auto rows = rows_of_box(tiles, {90, 136, 40, 41});
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].first, 21u);  // the second line of tiles: 20 in a line; x 90 is in tile 1, 136 in 3
  EXPECT_EQ(rows[0].end, 24u);
  EXPECT_EQ(rows[1].first, 41u);
}

TEST(TileTable, ImpossibleTilesAreMalformed) {
  const test::Cards good{"ZNAXIS2 = 700", "ZCMPTYPE= 'RICE_1'"};
  EXPECT_NO_THROW(tiles_of(good));
  EXPECT_THROW(tiles_of({"ZNAXIS2 = 701", "ZCMPTYPE= 'RICE_1'"}), Error);
  EXPECT_THROW(tiles_of({"ZNAXIS2 = -1", "ZCMPTYPE= 'RICE_1'"}), Error);
  EXPECT_THROW(tiles_of({"ZNAXIS2 = 700", "ZCMPTYPE= 'ZIP'"}), Error);
  for (const auto* card : {"ZTILE1  = 0", "ZTILE1  = 1.5", "THEAP   = 5599", "THEAP   = 7000", "THEAP   = -1"}) {
    EXPECT_THROW(tiles_of(test::joined(good, {card})), Error) << card;
  }
  EXPECT_THROW(tiles_of(test::joined(good, {"ZNAME1  = 'BLOCKSIZE'", "ZVAL1   = 0"})), Error);
  EXPECT_THROW(tiles_of(test::joined(good, {"ZNAME1  = 'BYTEPIX'", "ZVAL1   = 3"})), Error);
  EXPECT_THROW(tile_table_of(table(good), {2880, 2880 + 5599}), Error);
}

/// A table of 700 tiles whose descriptors all are (count, place).
std::string table_file(std::uint32_t count, std::uint32_t place) {
  std::string data;
  for (int row = 0; row < 700; ++row) {
    for (const auto number : {count, place}) {
      for (int shift = 24; shift >= 0; shift -= 8) data += static_cast<char>(number >> shift & 0xff);
    }
  }
  return data + std::string(1000, 'x');
}

TEST(TileTable, TilesOutsideOfTheHeapAreMalformed) {
  auto header = table({"ZNAXIS2 = 700", "ZCMPTYPE= 'NOCOMPRESS'"});
  header.set_text("TTYPE1", "UNCOMPRESSED_DATA");
  const auto tiles = tile_table_of(header, {0, 5600 + 1000});
  const auto file_of = [&](std::uint32_t count, std::uint32_t place) {
    const auto text = table_file(count, place);
    MemoryFitsSource source{test::bytes_of(text)};
    return tile_file(source, tiles, rows_of_box(tiles, kBox));
  };
  EXPECT_NO_THROW(file_of(10, 990));
  EXPECT_THROW(file_of(10, 991), Error);
  EXPECT_THROW(file_of(0xffffffff, 0), Error);
  EXPECT_THROW(file_of(1, 0xffffffff), Error);
  EXPECT_THROW(file_of(0, 0), Error);
}

TEST(TileTable, ATileThatClaimsToBeCompressedByNothingIsMalformed) {
  const auto tiles = tile_table_of(table({"ZNAXIS2 = 700", "ZCMPTYPE= 'NOCOMPRESS'"}), {0, 5600 + 1000});
  const auto text = table_file(10, 0);
  MemoryFitsSource source{test::bytes_of(text)};
  EXPECT_THROW(tile_file(source, tiles, rows_of_box(tiles, kBox)), Error);
}

TEST(TileTable, ParametersOfAnotherCompressionAreLeftOut) {
  const auto tiles = tile_table_of(table({"ZNAXIS2 = 700", "ZCMPTYPE= 'RICE_1'", "ZNAME1  = 'SCALE'", "ZVAL1   = 0"}),
                                   {0, 5600 + 1000});
  const FitsHeader parameters{tiles.parameters};
  EXPECT_EQ(parameters.text("ZNAME1"), "BLOCKSIZE");
  EXPECT_EQ(parameters.integer("ZVAL1"), 32);
  EXPECT_EQ(parameters.text("ZNAME2"), "BYTEPIX");
  EXPECT_EQ(parameters.integer("ZVAL2"), 4);
  EXPECT_FALSE(parameters.has("ZNAME3"));
}

TEST(TileTable, ARiceTileThatBreaksOffIsMalformed) {
  const auto tiles = tile_table_of(table({"ZNAXIS2 = 700", "ZCMPTYPE= 'RICE_1'"}), {0, 5600 + 1000});
  const auto text = table_file(10, 0);  // ten bytes for 900 pixels
  MemoryFitsSource source{test::bytes_of(text)};
  EXPECT_THROW(tile_file(source, tiles, rows_of_box(tiles, kBox)), Error);
}

}  // namespace
}  // namespace platefs::vo
