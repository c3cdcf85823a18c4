// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>

namespace platefs::vo {

/// What an HCOMPRESS-coded tile must hold.
struct HcompressTile {
  std::int64_t width = 0;  ///< along NAXIS1
  std::int64_t pixels = 0;
  unsigned most_planes = 63;  ///< bits that the decoder's integers have for a coefficient
};

/// Whether such a tile is one (FITS 4.0 §10.4.4) and ends within its bytes. A decoder that trusts its input
/// reads beyond the end of one that breaks off, and writes beyond its array when the tile says that it is
/// larger than it should be. Takes time in proportion to the bytes. Calls `pause` at each bit plane, which
/// may throw to end it.
bool hcompress_is_sound(
    std::span<const std::byte> bytes, const HcompressTile& tile, const std::function<void()>& pause = [] {});

/// Bit planes that a decoder goes through, each as large as the tile, though they may cost a few bits only.
std::uint64_t hcompress_planes(std::span<const std::byte> bytes);

}  // namespace platefs::vo
