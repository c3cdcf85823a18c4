// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "vo/base/sky.h"
#include "vo/fits/hdu/dates.h"

namespace platefs::vo {

/// An image that can't be had, and why.
struct MissingImage {
  std::string file;  ///< "cutout.fits"
  std::string did, archive;
  std::string why;
  ExposureTimes times;
};

/// A small FITS file that stands for it: the square about the cone (at most 30 degrees wide), north up, of undefined
/// pixels, 32-bit floats. The card PLACEHLD marks it, COMMENT tells why. The same arguments give the same bytes.
std::vector<std::byte> blank_frame(const Cone& cone, const MissingImage& missing, const std::string& platefs_version);

}  // namespace platefs::vo
