// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "vo/fits_cutout.h"
#include "vo/fits_header.h"
#include "vo/fits_image.h"
#include "vo/pixel_box.h"

namespace platefs::vo {

/// The header of a box of an image as a primary HDU, without checksums. Pure.
/// Kept verbatim: every card that is as true of the part as of the whole, the WCS matrix and every
/// distortion among them. Changed: NAXISn; CRPIXn of every WCS description, LTVn and CNPIXn, by the
/// offset of the box; RADECSYS is spelled RADESYS. Dropped: structure of the old HDU, checksums,
/// extremes and sections that speak of the whole image. Added where missing: DATE-OBS, DATE-END,
/// MJD-OBS, TIMESYS, EXPTIME, RADESYS; always HISTORY about source, region and section.
FitsHeader cutout_header(const FitsImage& image, const PixelBox& box,
                         const CutoutProvenance& provenance);

}  // namespace platefs::vo
