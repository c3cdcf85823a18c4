// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <compare>
#include <cstdint>

#include "vo/base/sky.h"
#include "vo/fits/wcs/sky_map.h"

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
  PixelBox whole;  ///< what the cone takes where the image has no end: it may reach beyond the image
  Pixel target;    ///< where the cone's centre lies in the whole image
};

/// The smallest box that holds every pixel of an image of width x height pixels whose centre is within the cone,
/// as far as those are connected; where there is none, the pixel of the target. An estimate comes from the circle's
/// edge, projected point by point; then each side of the box is moved, by asking the pixels themselves, to the last
/// line that has one within: so it holds beside poles and limbs, where a distortion has no inverse, and where the
/// image's edge cuts the circle. Throws Error{Rejected} when the target is not on the image.
ConePixels pixels_of_cone(const SkyMap& map, const Cone& cone, std::int64_t width, std::int64_t height);

/// The target's place. Throws Error{Rejected} "the target is not on this plate", with its pixel.
Pixel pixel_on_image(const SkyMap& map, const IcrsPosition& target, std::int64_t width, std::int64_t height);

}  // namespace platefs::vo
