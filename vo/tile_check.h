// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "vo/tile_table.h"

namespace platefs::vo {

/// Throws Error{Malformed} naming the tile unless `bytes`, what `column` has for the tile in `row` (counted
/// from 0), is what decompressors trust it to be: complete, and of as many pixels as the tile has. A tile that
/// breaks off is never served as pixels.
void require_sound_tile(const TileTable& tiles, const TileColumn& column, std::uint64_t row,
                        std::span<const std::byte> bytes);

}  // namespace platefs::vo
