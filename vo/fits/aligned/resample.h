// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "vo/fits/aligned/sky_grid.h"
#include "vo/fits/hdu/header.h"
#include "vo/fits/hdu/source.h"
#include "vo/fits/wcs/pixel_box.h"

namespace platefs::vo {

/// How a value between pixels is made of those around it.
enum class Kernel {
  Bilinear,  ///< of four; no ringing
  Lanczos3,  ///< of 36, sharper; beside an undefined pixel and beside the edge bilinear
};

std::string_view name_of(Kernel kernel);  ///< "bilinear", "lanczos3"
std::optional<Kernel> kernel_named(std::string_view name);

/// An image that has been put on a grid.
struct Resampled {
  std::vector<float> values;             ///< grid.size() squared, rows from below; NaN where there is no image
  FitsHeader header;                     ///< of the image that it was made of
  PixelBox section;                      ///< of the image, which was read
  int binning = 1;                       ///< pixels each way that were made one before
  double area = 1;                       ///< of a grid's pixel at the target, in pixels of the image
  Angle round_trip = Angle::degrees(0);  ///< the largest residual sky - image - sky
  double interpolation_error = 0;        ///< of the mapping, in pixels of the image, at most
};

/// Puts the first plane of the image in a plate's file on a grid by the image's primary WCS description, in physical
/// values (brightness per area: they stay as they are, while sums over pixels change by `area`). Where the
/// grid's pixels are larger than the image's, a value is the mean over its area, else it is interpolated. Every value
/// is within the image: half a pixel beyond the centre of its outermost ones. Throws Error{Malformed}: no image;
/// Error{Rejected}: no coordinates, or nothing of the grid is on the image; what FitsSource::read throws.
Resampled resampled(FitsSource& source, const SkyGrid& grid, Kernel kernel);

}  // namespace platefs::vo
