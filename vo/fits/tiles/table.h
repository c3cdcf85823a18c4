// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "vo/fits/hdu/hdu.h"
#include "vo/fits/wcs/pixel_box.h"

// A tile-compressed image is a binary table whose rows are tiles (FITS 4.0 section 10): tile_table_of() reads its
// header, subset_file.h makes a small image of the tiles that a box of pixels needs, for cfitsio, and check.h tests
// their bytes.
namespace platefs::vo {

/// A column of a binary table (FITS 4.0 §7.3).
struct TileColumn {
  std::string name;          ///< TTYPE in capitals
  std::uint64_t offset = 0;  ///< of the column in a row
  std::uint64_t bytes = 0;   ///< of the column in a row
  std::uint64_t repeat = 1;
  char descriptor = 0;  ///< 'P' or 'Q': the row holds count and place in the heap; else 0
  char type = 'B';      ///< of the elements, in the row or in the heap
  std::uint64_t element_bytes = 1;
};

/// The binary table that holds a tile-compressed image: one row for each tile (FITS 4.0 §10.1). All
/// numbers in it have been checked against each other and against the table's size.
struct TileTable {
  std::string compression;          ///< ZCMPTYPE
  ImageShape image;                 ///< before compression
  std::vector<std::int64_t> tile;   ///< pixels of a tile along each axis, at least 1
  std::vector<std::int64_t> tiles;  ///< number of tiles along each axis
  std::uint64_t row_bytes = 0;
  std::uint64_t rows = 0;
  ByteRange table;  ///< in the file: the rows
  ByteRange heap;   ///< in the file
  std::vector<TileColumn> columns;
  std::int64_t rice_block = 32;  ///< BLOCKSIZE and BYTEPIX, of Rice coding
  std::int64_t rice_bytes = 4;
  std::vector<std::string> parameters;  ///< cards that say how to decompress, and nothing else
  /// ZSCALE and ZZERO of quantized floats where they are keywords: cfitsio 4.2 misreads those, so that decompressors
  /// are given columns.
  std::optional<double> scale, zero;
  std::optional<std::int64_t> blank;  ///< an integer image's ZBLANK that stands in a column, once it was read

  std::int64_t tile_pixels() const;
  /// Pixels of the tile in that row (counted from 0): fewer at the image's ends.
  std::int64_t pixels_of_row(std::uint64_t row) const;
  std::int64_t width_of_row(std::uint64_t row) const;  ///< the same along the first axis
  /// The tile's pixels in their order up to the last one that the box, which touches it, takes; all of a tile of more
  /// than one plane.
  std::int64_t pixels_of_row(std::uint64_t row, const PixelBox& box) const;
  const TileColumn* column(std::string_view name) const;
};

/// Reads the table's header; `data` is the HDU's data unit. Throws Error{Malformed}: not a row for each
/// tile, unknown compression, columns that do not fill the row, a heap outside of the data unit, values
/// that no decompressor can take.
TileTable tile_table_of(const FitsHeader& header, const ByteRange& data);

/// A column of an integer image in which the undefined value of each tile stands; null for other images.
const TileColumn* blank_column_of(const TileTable& tiles);

/// The whole number in that column's cell, big-endian as FITS has it.
std::int64_t blank_in(std::span<const std::byte> cell);

/// Rows [first, end) of the table.
struct TileRows {
  std::uint64_t first = 0;
  std::uint64_t end = 0;
};

/// The rows of all tiles that the box touches, in all planes, in ascending order; neighbouring rows
/// together.
std::vector<TileRows> rows_of_box(const TileTable& tiles, const PixelBox& box);

}  // namespace platefs::vo
