// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace platefs::vo {

/// How a tile is Rice-coded (FITS 4.0 §10.4.1).
struct RiceTile {
  std::int64_t pixels;           ///< at least 1
  std::int64_t block;            ///< BLOCKSIZE
  std::int64_t bytes_per_pixel;  ///< BYTEPIX: 1, 2 or 4
};

/// Whether such a tile ends within its bytes. A decoder that trusts its input reads on beyond the end of one that does
/// not.
bool rice_ends_within(std::span<const std::byte> tile, const RiceTile& shape);

/// A tile whose first `pixels` (1 to all) are those of this one, and whose further blocks are without differences,
/// which costs a decoder nothing: each pixel needs only those before it. Of `tile` the beginning may be all there is;
/// nothing when it ends before these pixels do.
std::optional<std::vector<std::byte>> rice_beginning(std::span<const std::byte> tile, const RiceTile& shape,
                                                     std::int64_t pixels);

}  // namespace platefs::vo
