// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace platefs::vo {

/// An unsigned number of up to 8 bytes, the highest first.
constexpr std::uint64_t number_at(std::span<const std::byte> bytes) {
  std::uint64_t number = 0;
  for (const auto byte : bytes) number = number << 8 | std::to_integer<std::uint64_t>(byte);
  return number;
}

/// The bits of a compressed tile, the highest of a byte first. Nothing is read beyond the end. Value type;
/// borrows the bytes.
class TileBits {
 public:
  explicit TileBits(std::span<const std::byte> bytes) : bytes_(bytes), left_(bytes.size() * 8) {}

  std::uint64_t taken() const { return at_; }  ///< bits so far
  bool has(std::uint64_t count) const { return left_ >= count; }

  bool skip(std::uint64_t count) {
    if (count > left_) return false;
    at_ += count;
    left_ -= count;
    return true;
  }

  /// Up to 8 bits as a number; nothing when there are not so many.
  std::optional<unsigned> take(unsigned count) {
    const auto byte = at_ / 8;
    const auto used = static_cast<unsigned>(at_ % 8);
    if (!skip(count)) return std::nullopt;
    const auto high = std::to_integer<unsigned>(bytes_[byte]) << 8;
    const auto low = byte + 1 < bytes_.size() ? std::to_integer<unsigned>(bytes_[byte + 1]) : 0u;
    return ((high | low) >> (16 - count - used)) & ((1u << count) - 1);
  }

  /// Zeros up to the next one, and that one; false when there is none.
  bool skip_unary() {
    while (left_ > 0) {
      const auto used = static_cast<unsigned>(at_ % 8);
      const auto rest = static_cast<std::uint8_t>(std::to_integer<unsigned>(bytes_[at_ / 8]) << used);
      if (rest != 0) return skip(static_cast<unsigned>(std::countl_zero(rest)) + 1);
      skip(std::min<std::uint64_t>(8 - used, left_));
    }
    return false;
  }

  /// Goes on with the next whole byte.
  void align() { skip((8 - at_ % 8) % 8); }

 private:
  std::span<const std::byte> bytes_;
  std::uint64_t at_ = 0;
  std::uint64_t left_;
};

}  // namespace platefs::vo
