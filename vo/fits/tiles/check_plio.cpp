// SPDX-License-Identifier: BSD-3-Clause
#include "vo/fits/tiles/check_plio.h"

namespace platefs::vo {
namespace {

constexpr unsigned kSetHighBits = 1;  // the one instruction of two words
constexpr unsigned kInstructions = 8;

unsigned word_at(std::span<const std::byte> bytes, std::size_t word) {
  return std::to_integer<unsigned>(bytes[2 * word]) << 8 | std::to_integer<unsigned>(bytes[2 * word + 1]);
}

/// Words [first, end) that are instructions.
struct Instructions {
  std::size_t first = 0, end = 0;
};

/// A list of up to 32767 words may have a head of three, whose last is their number; any other has that
/// number in two words of 15 bits, and the length of its head in the second.
Instructions instructions_in(std::span<const std::byte> bytes, std::size_t words) {
  constexpr std::size_t kShortHead = 3, kLongHead = 7;
  constexpr unsigned kSign = 0x8000;
  if (words < kShortHead) return {};
  const auto number = word_at(bytes, 2);
  if (number > 0 && number < kSign) return {kShortHead, number};
  if (words < kLongHead || ((word_at(bytes, 3) | word_at(bytes, 4)) & kSign) != 0) return {};
  return {word_at(bytes, 1), std::size_t{word_at(bytes, 4)} << 15 | word_at(bytes, 3)};
}

}  // namespace

bool plio_is_sound(std::span<const std::byte> bytes) {
  const auto words = bytes.size() / 2;
  const auto [first, end] = instructions_in(bytes, words);
  if (first == 0 || end < first || end > words) return false;
  for (auto at = first; at < end; ++at) {
    const auto instruction = word_at(bytes, at) >> 12;
    if (instruction >= kInstructions) return false;
    if (instruction == kSetHighBits && ++at == end) return false;
  }
  return true;
}

}  // namespace platefs::vo
