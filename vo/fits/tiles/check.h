// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>

#include "vo/fits/tiles/table.h"

namespace platefs::vo {

/// Throws Error{Malformed} naming the tile unless `bytes`, what `column` has for the tile in `row` (counted
/// from 0), is what decompressors trust it to be: complete, and of as many pixels as the tile has. A tile that
/// breaks off is never served as pixels. Takes time in proportion to the bytes; calls `pause` now and then,
/// which may throw to end it.
void require_sound_tile(
    const TileTable& tiles, const TileColumn& column, std::uint64_t row, std::span<const std::byte> bytes,
    const std::function<void()>& pause = [] {});

/// What decoding some tiles costs, held against the bytes that came: a few hundred can stand for 2^28 pixels
/// in 63 bit planes, which is half a minute and 2 GiB.
class TileWork {
 public:
  /// Throws Error{Rejected} when the tile, or all so far, would cost out of proportion.
  void add(const TileTable& tiles, const TileColumn& column, std::uint64_t row, std::span<const std::byte> bytes);

 private:
  /// Of a pixel in one bit plane. Blank sky by the million compresses that well, photographs never.
  static constexpr std::uint64_t kFreeSteps = std::uint64_t{1} << 26;
  static constexpr std::uint64_t kStepsOfByte = 4096;
  static constexpr std::uint64_t kFreeMemory = std::uint64_t{128} << 20;
  static constexpr std::uint64_t kMemoryOfByte = 256;

  std::uint64_t bytes_ = 0, steps_ = 0;
};

}  // namespace platefs::vo
