// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "vo/base/byte_range.h"
#include "vo/fits/hdu/source.h"
#include "vo/fits/tiles/table.h"
#include "vo/fits/wcs/pixel_box.h"

namespace platefs::vo {

/// One tile's bytes in one column.
struct TilePiece {
  std::uint64_t cell = 0;  ///< where in the table its descriptor stands
  const TileColumn* column = nullptr;
  std::uint64_t count = 0;  ///< elements
  ByteRange bytes;          ///< in the heap
  std::int64_t pixels = 0;  ///< of the tile that are wanted, if its beginning is enough for them; else 0
};

/// Of the tiles in `rows`, whose descriptors stand in `table`, in the order of the file. Throws Error{Malformed} for a
/// tile that lies outside of the heap, is absent or absurdly long.
std::vector<TilePiece> pieces_of(const TileTable& tiles, std::span<const std::byte> table,
                                 const std::vector<TileRows>& rows);

/// Pixels behind the last one that the box takes of a tile are not wanted: where the compression codes pixel behind
/// pixel, the beginning of a tile is enough.
void want_beginnings(const TileTable& tiles, const PixelBox& box, std::vector<TilePiece>& pieces);

/// Appends the bytes of the pieces, one behind the other. Those of which a beginning is enough become shorter, and are
/// sound: what is probably needed of them is read, and the rest of those that need more. Throws Error{Rejected} for
/// more than 1 GiB.
void append_pieces(FitsSource& source, const TileTable& tiles, std::vector<TilePiece>& pieces,
                   std::vector<std::byte>& out);

/// Whether the column is one of those that hold a tile's pixels.
bool holds_pixels(const TileColumn& column);

/// Throws Error{Rejected} for more bytes than `most`.
void require_small(std::uint64_t size, std::uint64_t most, std::string_view what);

}  // namespace platefs::vo
