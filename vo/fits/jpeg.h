// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace platefs::vo {

/// A grey JPEG of width x height pixels (1 to 65500 each), rows from the top. Throws Error{Rejected} when
/// libjpeg can make none.
std::vector<std::byte> grey_jpeg(std::span<const unsigned char> pixels, unsigned width, unsigned height);

}  // namespace platefs::vo
