// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <vector>

#include "vo/fits/hdu/header.h"

namespace platefs::vo {

/// A FITS file of one image of 32-bit floats, in the order of FITS (4.0 section 3.3.2), with checksums.
std::vector<std::byte> frame_bytes(FitsHeader header, const std::vector<float>& values);

}  // namespace platefs::vo
