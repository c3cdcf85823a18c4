// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "vo/fits/aligned/resample.h"
#include "vo/fits/hdu/dates.h"
#include "vo/fits/hdu/source.h"

namespace platefs::vo {

/// A cutout put on the grid of the target's aligned frames (SkyGrid::of_frames), as a FITS file of one HDU: 32-bit
/// floats in the cutout's physical values, NaN where the cutout has nothing. `times` of the archive's row fill in dates
/// that the cutout lacks (settle_dates). Kept: every card of the cutout but those
/// of its form, its scaling and its coordinates; dates, EXPTIME, OBJECT and HISTORY among them. Coordinates are the
/// grid's. Added: HISTORY that it is resampled, of which section and by which kernel;
///   PIXRATIO  the area of a pixel here over that of one in the cutout, at the target: sums over pixels times this are
///             the cutout's;
///   RTRESID   [arcsec] the largest residual of sky - image - sky by the plate's own solution, which is not fitted
///   anew; MAPERROR  [pixel] of the cutout: how far the mapping between its nodes may be off.
/// The same arguments give the same bytes. Throws as `resampled`.
std::vector<std::byte> aligned_frame(FitsSource& cutout, const Cone& cone, Kernel kernel, const ExposureTimes& times,
                                     const std::string& platefs_version);

}  // namespace platefs::vo
