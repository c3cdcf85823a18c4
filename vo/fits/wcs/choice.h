// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "vo/base/sky.h"
#include "vo/fits/hdu/header.h"
#include "vo/fits/wcs/pixel_box.h"
#include "vo/fits/wcs/sky_map.h"

namespace platefs::vo {

/// Which exposure of a plate is meant: the centre that its row of the archive's table states, and those of the other
/// rows of the same plate. Without a centre the first description that covers the target counts.
struct ExposureCentres {
  std::optional<IcrsPosition> own;
  std::vector<IcrsPosition> others = {};
};

/// The WCS description of a plate that places a target.
struct ChosenDescription {
  SkyMap map;
  bool is_only = true;  ///< the header has no other one
};

/// Of all descriptions in a header those that put the target on the image, and of these the one whose image is centred
/// nearest to the exposure's own centre. Throws Error{Rejected}: no description puts it there (with the reason of the
/// first one), or the nearest is plainly another exposure's.
ChosenDescription description_of_plate(const FitsHeader& header, const IcrsPosition& target,
                                       const ExposureCentres& centres, std::int64_t width, std::int64_t height);

/// The same of a cutout that somebody else made of the plate, whose centre tells nothing: reference points stand for
/// the centres, and an answer that may show another exposure is refused.
ChosenDescription description_of_answer(const FitsHeader& header, const IcrsPosition& target,
                                        const ExposureCentres& centres, std::int64_t width, std::int64_t height);

/// Judges a cutout that somebody else made of a plate with several descriptions: was it cut by the chosen one, and does
/// that say where its pixels are? Services move the reference pixel of the primary description alone, and leave the
/// alternates' where they were on the plate. `region` is where the chosen description has the region. Throws
/// Error{Rejected}
/// - of an alternate: unless the cutout is the region's box, or has the target in its middle, or ends with the plate
/// and
///   shares two sides with that box;
/// - where the cutout ends before the region does, at the plate's edge or since it was cut by another description:
/// unless
///   more of its sides are where the cutout ends than of any other description's box.
void require_cut_by(const ChosenDescription& chosen, const ConePixels& region, const FitsHeader& header,
                    const Cone& cone, std::int64_t width, std::int64_t height);

}  // namespace platefs::vo
