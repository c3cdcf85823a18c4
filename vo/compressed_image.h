// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <vector>

#include "vo/fits_header.h"
#include "vo/fits_image.h"
#include "vo/fits_source.h"
#include "vo/pixel_box.h"

namespace platefs::vo {

/// Whether the header is that of a binary table which holds a tile-compressed image (FITS 4.0
/// §10.1).
bool is_compressed_image(const FitsHeader& header);

/// The header of the image before its compression: BITPIX, NAXIS and NAXISn first, then all cards
/// that describe the image rather than the table. Throws Error{Malformed} when the table does not
/// have a row for each tile or states impossible tiles.
FitsHeader uncompressed_header(const FitsHeader& table);

/// The pixels of the box in all planes, as the uncompressed file would store them: big-endian,
/// unscaled, undefined floats as NaN. Floats that were quantized come back as floats. Needs the
/// source's whole_file(). Throws Error{Rejected} without one, Error{Malformed} with cfitsio's
/// reason.
std::vector<std::byte> compressed_pixels(FitsSource& source, const FitsImage& image,
                                         const PixelBox& box);

}  // namespace platefs::vo
