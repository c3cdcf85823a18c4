// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "vo/fits/hdu/source.h"
#include "vo/fits/tiles/table.h"

namespace platefs::vo {

/// A FITS file in memory that holds of a tile-compressed image what some rows of tiles
/// need: an empty primary HDU
/// and the table with all its rows, of which only those asked for are filled in, and a heap of
/// just these tiles. Every row keeps its number, because the dithering of quantized floats starts
/// from it. Reads those rows and tiles, in the order of the file, and nothing else.
/// With a `box`, pixels behind the last one that the box takes of a tile may be any: where the compression codes pixel
/// behind pixel (Rice), no more of the tile is read than these probably need, and the rest where they need more.
/// Throws Error{Malformed} when a tile lies outside of the heap, is absent or absurdly long,
/// Error{Rejected} above 1 GiB or when decoding would cost out of proportion to the bytes (TileWork), and what
/// FitsSource::read throws; Error{Cancelled} when the source is.
std::vector<std::byte> tile_file(FitsSource& source, const TileTable& tiles, const std::vector<TileRows>& rows,
                                 const std::optional<PixelBox>& box = {});

}  // namespace platefs::vo
