// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <vector>

#include "vo/fits/hdu/header.h"
#include "vo/fits/hdu/source.h"
#include "vo/fits/tiles/table.h"
#include "vo/fits/wcs/pixel_box.h"

namespace platefs::vo {

/// Whether the header is that of a binary table which holds a tile-compressed image (FITS 4.0
/// §10.1).
bool is_compressed_image(const FitsHeader& header);

/// The header of the image before its compression: BITPIX, NAXIS and NAXISn first, then all cards
/// that describe the image rather than the table.
FitsHeader uncompressed_header(const FitsHeader& table);

/// The pixels of the box in all planes, as the uncompressed file would store them: big-endian,
/// unscaled, undefined floats as NaN. Floats that were quantized come back as floats. Reads the rows
/// and tiles that the box needs; decompresses by cfitsio. Throws as tile_file does, and
/// Error{Malformed} with cfitsio's reason.
std::vector<std::byte> compressed_pixels(FitsSource& source, const TileTable& tiles, const PixelBox& box);

/// Whole pixel rows (counted from 1, ascending) of the first plane, one behind the other, in the same
/// form. Throws in the same way.
std::vector<std::byte> compressed_rows(FitsSource& source, const TileTable& tiles,
                                       const std::vector<std::int64_t>& rows);

}  // namespace platefs::vo
