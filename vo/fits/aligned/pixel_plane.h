// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "vo/fits/hdu/source.h"
#include "vo/fits/image.h"
#include "vo/fits/wcs/pixel_box.h"

namespace platefs::vo {

/// What a pixel without a value is.
inline constexpr float kUndefined = std::numeric_limits<float>::quiet_NaN();

/// Physical values (BSCALE, BZERO applied) of a box of an image's first plane, rows from below; NaN where a pixel is
/// undefined. Where `binning` is above 1, a value is the mean of the defined ones among binning x binning pixels, and
/// NaN where fewer than half are.
struct PixelPlane {
  PixelBox box;  ///< of the image: a multiple of `binning` each way
  int binning = 1;
  std::int64_t width = 0;  ///< values a row
  std::int64_t height = 0;
  std::vector<float> values;

  float at(std::int64_t x, std::int64_t y) const { return values[static_cast<std::size_t>(y * width + x)]; }
  /// Where a pixel of the image lies among the values, of which the first one's centre is (0, 0).
  Pixel place_of(const Pixel& pixel) const {
    return {(pixel.x - static_cast<double>(box.x1) + 0.5) / binning - 0.5,
            (pixel.y - static_cast<double>(box.y1) + 0.5) / binning - 0.5};
  }
};

/// Reads the box, which lies on the image, some rows at a time: memory grows with the values, not with the pixels.
/// What is left over of a side behind the last whole bin is not read. Throws what FitsSource::read throws, and
/// Error{Cancelled} when nobody waits any more.
PixelPlane pixel_plane(FitsSource& source, const FitsImage& image, PixelBox box, int binning);

}  // namespace platefs::vo
