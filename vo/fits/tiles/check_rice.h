// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace platefs::vo {

/// Whether a Rice-coded tile of so many pixels ends within its bytes (FITS 4.0 §10.4.1). A decoder that
/// trusts its input reads on beyond the end of one that does not. `bytes_per_pixel` is BYTEPIX: 1, 2 or
/// 4; `block` is BLOCKSIZE.
bool rice_ends_within(std::span<const std::byte> tile, std::int64_t pixels, std::int64_t block,
                      std::int64_t bytes_per_pixel);

}  // namespace platefs::vo
