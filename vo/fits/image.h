// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <functional>
#include <optional>

#include "vo/base/error.h"
#include "vo/fits/hdu/hdu.h"
#include "vo/fits/tiles/table.h"

namespace platefs::vo {

/// The image of a plate's file, wherever in the file it stands.
struct FitsImage {
  int hdu_index = 0;
  std::optional<TileTable> tiles;  ///< of a compressed image: the binary table that holds it
  FitsHeader header;               ///< as if the image were uncompressed, with the primary's facts added
  ImageShape shape;                ///< at least two axes, none of them zero
  ByteRange data;                  ///< within the file: the pixels, or the table of tiles with its heap
};

/// Finds the first HDU that is an image: the primary, an IMAGE extension or a tile-compressed one.
/// An image in an extension gets those cards of the primary header that it lacks and that describe
/// the exposure; what describes pixels or coordinates is inherited only where INHERIT says so, and of a WCS
/// description that the extension has itself (its CTYPE) nothing: two halves make no whole. Of cards that describe
/// pixels and stand twice with one value the first is left. Reads headers only. Throws Error{Malformed}: no FITS file,
/// no image in it, or the file ends before its image does.
FitsImage find_image(FitsSource& source);
/// The first such image that `is_wanted`; nothing where none is.
std::optional<FitsImage> find_image(FitsSource& source, const std::function<bool(const FitsImage&)>& is_wanted);
/// The Error{Malformed} of a file without any.
Error no_image();

}  // namespace platefs::vo
