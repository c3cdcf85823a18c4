// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace platefs::vo {

/// Whether a gzip-ed tile inflates, with a checksum that holds, to so many numbers of 1, 2, 4 or 8 bytes
/// each. cfitsio 4.2 never comes back from some that do not, and loses memory at others.
bool gzip_is_sound(std::span<const std::byte> bytes, std::int64_t pixels);

}  // namespace platefs::vo
