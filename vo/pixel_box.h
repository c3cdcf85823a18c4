// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <compare>
#include <cstdint>

#include "vo/sky.h"
#include "vo/wcs.h"

namespace platefs::vo {

/// A rectangle of whole pixels, counted as in a FITS section: [x1:x2,y1:y2], from 1, both ends
/// included. Invariant: x1 <= x2, y1 <= y2.
struct PixelBox {
  std::int64_t x1 = 1;
  std::int64_t x2 = 1;
  std::int64_t y1 = 1;
  std::int64_t y2 = 1;

  constexpr std::int64_t width() const { return x2 - x1 + 1; }
  constexpr std::int64_t height() const { return y2 - y1 + 1; }

  friend constexpr auto operator<=>(const PixelBox&, const PixelBox&) = default;
};

/// The pixels of a cone, and whether the image's edge cut some of them away.
struct ConePixels {
  PixelBox box;
  bool is_clipped = false;
  PixelBox whole;          ///< the box before it was clipped: it may reach beyond the image
  Pixel target;            ///< where the cone's centre lies in the whole image
};

/// The smallest natural box around a cone in an image of width x height pixels. The circle's edge
/// is projected point by point; per axis the box has as many pixels as the edge spans, rounded, and
/// is centred on the target, ties of half a pixel going up: on a plate without distortion this is
/// the box of astropy's Cutout2D(position, 2 * radius, mode="trim"). Where the projection is
/// lopsided, the box grows until the edge is at most 3/4 pixel outside it, the most that rounding
/// can cause. Parts of the edge without a projection are replaced by circles further in. Throws
/// Error{Rejected} when the target is not on the image.
ConePixels pixels_of_cone(const SkyMap& map, const Cone& cone, std::int64_t width,
                          std::int64_t height);

/// The target's place. Throws Error{Rejected} "the target is not on this plate", with its pixel.
Pixel pixel_on_image(const SkyMap& map, const IcrsPosition& target, std::int64_t width,
                     std::int64_t height);

}  // namespace platefs::vo
