// SPDX-License-Identifier: BSD-3-Clause
#include "vo/tile_rice.h"

#include <algorithm>
#include <bit>

namespace platefs::vo {
namespace {

/// Bits of a tile, the highest of a byte first.
class Bits {
 public:
  explicit Bits(std::span<const std::byte> bytes) : bytes_(bytes), left_(bytes.size() * 8) {}

  bool skip(std::uint64_t count) {
    if (count > left_) return false;
    at_ += count;
    left_ -= count;
    return true;
  }

  /// Up to 8 bits as a number; there must be so many.
  unsigned take(unsigned count) {
    const auto byte = at_ / 8;
    const auto high = std::to_integer<unsigned>(bytes_[byte]) << 8;
    const auto low = byte + 1 < bytes_.size() ? std::to_integer<unsigned>(bytes_[byte + 1]) : 0u;
    const auto shift = 16 - count - static_cast<unsigned>(at_ % 8);
    skip(count);
    return ((high | low) >> shift) & ((1u << count) - 1);
  }

  /// Zeros up to the next one, and that one; false when there is none.
  bool skip_unary() {
    while (left_ > 0) {
      const auto used = static_cast<unsigned>(at_ % 8);
      const auto rest = static_cast<std::uint8_t>(std::to_integer<unsigned>(bytes_[at_ / 8]) << used);
      if (rest != 0) return skip(static_cast<unsigned>(std::countl_zero(rest)) + 1);
      if (!skip(8 - used)) return false;
    }
    return false;
  }

  bool has(std::uint64_t count) const { return left_ >= count; }

 private:
  std::span<const std::byte> bytes_;
  std::uint64_t at_ = 0;
  std::uint64_t left_;
};

/// The widths of the code for a size of pixels.
struct Code {
  unsigned choice_bits;   ///< that say how a block is coded
  unsigned raw;           ///< the choice that means "not at all"
  unsigned pixel_bits;
};

Code code_for(std::int64_t bytes_per_pixel) {
  if (bytes_per_pixel == 1) return {3, 6, 8};
  if (bytes_per_pixel == 2) return {4, 14, 16};
  return {5, 25, 32};
}

bool skip_block(Bits& bits, const Code& code, std::int64_t pixels) {
  if (!bits.has(code.choice_bits)) return false;
  const auto choice = bits.take(code.choice_bits);
  if (choice == 0) return true;                      // all differences are zero
  if (choice - 1 == code.raw) return bits.skip(static_cast<std::uint64_t>(pixels) * code.pixel_bits);
  for (std::int64_t i = 0; i < pixels; ++i) {
    if (!bits.skip_unary() || !bits.skip(choice - 1)) return false;
  }
  return true;
}

}  // namespace

bool rice_ends_within(std::span<const std::byte> tile, std::int64_t pixels, std::int64_t block,
                      std::int64_t bytes_per_pixel) {
  const auto code = code_for(bytes_per_pixel);
  Bits bits{tile};
  if (!bits.skip(code.pixel_bits)) return false;     // the first pixel stands as it is
  for (std::int64_t done = 0; done < pixels; done += block) {
    if (!skip_block(bits, code, std::min(block, pixels - done))) return false;
  }
  return true;
}

}  // namespace platefs::vo
