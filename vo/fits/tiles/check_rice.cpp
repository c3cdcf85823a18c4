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

}  // namespace

bool rice_ends_within(std::span<const std::byte> tile, std::int64_t pixels, std::int64_t block,
                      std::int64_t bytes_per_pixel) {
  const auto code = code_for(bytes_per_pixel);
  TileBits bits{tile};
  if (!bits.skip(code.pixel_bits)) return false;  // the first pixel stands as it is
  for (std::int64_t done = 0; done < pixels; done += block) {
    if (!skip_block(bits, code, std::min(block, pixels - done))) return false;
  }
  return true;
}

}  // namespace platefs::vo
