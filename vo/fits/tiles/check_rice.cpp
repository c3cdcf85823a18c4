// SPDX-License-Identifier: BSD-3-Clause
#include "vo/fits/tiles/check_rice.h"

#include <algorithm>

#include "vo/fits/tiles/bits.h"

namespace platefs::vo {
namespace {

/// The widths of the code for a size of pixels.
struct Code {
  unsigned choice_bits;  ///< that say how a block is coded
  unsigned raw;          ///< the choice that means "not at all"
  unsigned pixel_bits;
};

Code code_for(std::int64_t bytes_per_pixel) {
  if (bytes_per_pixel == 1) return {3, 6, 8};
  if (bytes_per_pixel == 2) return {4, 14, 16};
  return {5, 25, 32};
}

bool skip_block(TileBits& bits, const Code& code, std::int64_t pixels) {
  const auto choice = bits.take(code.choice_bits);
  if (!choice) return false;
  if (*choice == 0) return true;  // all differences are zero
  if (*choice - 1 == code.raw) return bits.skip(static_cast<std::uint64_t>(pixels) * code.pixel_bits);
  for (std::int64_t i = 0; i < pixels; ++i) {
    if (!bits.skip_unary() || !bits.skip(*choice - 1)) return false;
  }
  return true;
}

/// Bits that the blocks of the first pixels take; nothing when the bytes end before.
std::optional<std::uint64_t> length_of(std::span<const std::byte> tile, const RiceTile& shape, std::int64_t pixels) {
  const auto code = code_for(shape.bytes_per_pixel);
  TileBits bits{tile};
  if (!bits.skip(code.pixel_bits)) return std::nullopt;  // the first pixel stands as it is
  for (std::int64_t done = 0; done < pixels; done += shape.block) {
    if (!skip_block(bits, code, std::min(shape.block, shape.pixels - done))) return std::nullopt;
  }
  return bits.taken();
}

}  // namespace

bool rice_ends_within(std::span<const std::byte> tile, const RiceTile& shape) {
  return length_of(tile, shape, shape.pixels).has_value();
}

std::optional<std::vector<std::byte>> rice_beginning(std::span<const std::byte> tile, const RiceTile& shape,
                                                     std::int64_t pixels) {
  const auto bits = length_of(tile, shape, pixels);
  if (!bits) return std::nullopt;
  const auto code = code_for(shape.bytes_per_pixel);
  const auto blocks_left = (shape.pixels - 1) / shape.block - (pixels - 1) / shape.block;
  const auto all_bits = *bits + static_cast<std::uint64_t>(blocks_left) * code.choice_bits;
  std::vector<std::byte> beginning(tile.begin(), tile.begin() + static_cast<std::ptrdiff_t>((*bits + 7) / 8));
  if (*bits % 8 != 0) beginning.back() &= std::byte{0xff} << (8 - *bits % 8);
  beginning.resize((all_bits + 7) / 8);
  return beginning;
}

}  // namespace platefs::vo
