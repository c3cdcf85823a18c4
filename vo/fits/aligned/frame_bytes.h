// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <vector>

namespace platefs::vo {

/// The data unit of an image of 32-bit floats (FITS 4.0 section 5.3): big-endian, zeros up to a whole block.
std::vector<std::byte> big_endian(const std::vector<float>& values);

}  // namespace platefs::vo
