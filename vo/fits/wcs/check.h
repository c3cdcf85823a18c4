// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <optional>

#include "vo/base/sky.h"
#include "vo/fits/wcs/pixel_box.h"
#include "vo/fits/wcs/sky_map.h"

namespace platefs::vo {

/// What an archive's ObsCore row says of the image of a plate: each may be missing, and some may be wrong.
struct ImageFacts {
  std::optional<double> s_pixel_scale = {};              ///< arcsec
  std::optional<double> s_fov = {};                      ///< deg
  std::optional<std::int64_t> s_xel1 = {}, s_xel2 = {};  ///< pixels
};

/// An image and the part of it that a cone takes.
struct ImageSection {
  const ConePixels& cone;
  std::int64_t width = 0;  ///< pixels of the image
  std::int64_t height = 0;
  bool is_whole_plate = true;  ///< the image that the row speaks of, in whatever binning; false for a part of it
};

/// Throws Error{Rejected} "the plate's WCS contradicts ..." where a map of the sky can't be right:
/// - the target's pixel is not at the target;
/// - a pixel at the target is 4 times larger or smaller than every scale that the row tells (s_pixel_scale, s_fov with
///   s_xel1 and s_xel2), or than the linear part of the header's own description. Archives keep a plate in several
///   binnings, and its row speaks of one: s_xel1, s_xel2 tell which; where they can't, 8, 16, 32 and 64 pixels in one
///   are no contradiction;
/// - the section is 4 times larger or smaller than the circle has pixels at that scale, or a single pixel that would be
///   larger than the region, on a plate of which no row tells that its pixels are so large.
void require_plausible(const SkyMap& map, const Cone& cone, const ImageSection& section, const ImageFacts& facts);

}  // namespace platefs::vo
