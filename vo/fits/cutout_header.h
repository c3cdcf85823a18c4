// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "vo/fits/cutout.h"
#include "vo/fits/hdu/header.h"
#include "vo/fits/image.h"
#include "vo/fits/wcs/pixel_box.h"

namespace platefs::vo {

/// The header of a box of an image as a primary HDU, without checksums. Pure.
/// Kept verbatim: every card that is as true of the part as of the whole, the WCS matrix and the
/// distortion that counts among them; WCS cards that do not count are left out (wcs/left_overs.h), and HISTORY names
/// them. Changed: NAXISn; CRPIXn of every WCS description, LTVn and CNPIXn, by the offset of the box; RADECSYS is
/// spelled RADESYS; the WCS description `letter` is the primary one (wcs/letters.h); dates are one set, the exposure's
/// (hdu/dates.h); OBJECT is the designation of the target, and HISTORY has the plate's own. Dropped: structure of the
/// old HDU, checksums, extremes and sections that speak of the whole image. Added where missing: DATE-OBS, DATE-END,
/// MJD-OBS, TIMESYS, EXPTIME, RADESYS; always HISTORY about source, region, section and exposure.
FitsHeader cutout_header(const FitsImage& image, const PixelBox& box, const CutoutProvenance& provenance,
                         char letter = ' ');

/// What such a header's HISTORY says of the exposure: the letter of the plate's description, or "primary".
std::string exposure_in_history(const FitsHeader& cutout);

}  // namespace platefs::vo
