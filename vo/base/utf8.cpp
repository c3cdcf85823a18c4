// SPDX-License-Identifier: BSD-3-Clause
#include "vo/base/utf8.h"

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace platefs::vo {
namespace {

constexpr bool is_high_surrogate(char32_t unit) { return unit >= 0xD800 && unit < 0xDC00; }
constexpr bool is_low_surrogate(char32_t unit) { return unit >= 0xDC00 && unit < 0xE000; }

std::size_t sequence_length(unsigned char first) {
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first < 0xE0) return 2;
  if (first >= 0xE0 && first < 0xF0) return 3;
  if (first >= 0xF0 && first < 0xF5) return 4;
  return 0;
}

/// The second byte is where overlong forms, surrogates and the end of Unicode show.
bool is_second_byte(unsigned char first, unsigned char second) {
  const unsigned lowest = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
  const unsigned highest = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
  return second >= lowest && second <= highest;
}

bool is_sequence(std::string_view sequence) {
  if (sequence.size() < 2) return sequence.size() == 1;
  return is_second_byte(static_cast<unsigned char>(sequence[0]), static_cast<unsigned char>(sequence[1])) &&
         std::all_of(sequence.begin() + 2, sequence.end(), is_utf8_continuation);
}

/// Of the ASCII that the text begins with; eight bytes at a time.
std::size_t ascii_length(std::string_view text) {
  std::size_t length = 0;
  for (std::uint64_t word = 0; length + sizeof word <= text.size(); length += sizeof word) {
    std::memcpy(&word, text.data() + length, sizeof word);
    if ((word & 0x8080808080808080u) != 0) return length;
  }
  while (length < text.size() && static_cast<unsigned char>(text[length]) < 0x80) ++length;
  return length;
}

char32_t unit_at(std::string_view bytes, std::size_t index) {
  return static_cast<char32_t>(static_cast<unsigned char>(bytes[2 * index]) << 8 |
                               static_cast<unsigned char>(bytes[2 * index + 1]));
}

}  // namespace

bool is_utf8(std::string_view text) {
  text = text.substr(ascii_length(text));
  while (!text.empty()) {
    const auto length = sequence_length(static_cast<unsigned char>(text.front()));
    if (length == 0 || length > text.size() || !is_sequence(text.substr(0, length))) return false;
    text.remove_prefix(length);
  }
  return true;
}

void append_utf8(std::string& text, char32_t character) {
  const auto add = [&](char32_t byte) { text += static_cast<char>(static_cast<unsigned char>(byte)); };
  if (character < 0x80) {
    add(character);
  } else if (character < 0x800) {
    add(0xC0 | character >> 6);
    add(0x80 | (character & 0x3F));
  } else if (character < 0x10000) {
    add(0xE0 | character >> 12);
    add(0x80 | (character >> 6 & 0x3F));
    add(0x80 | (character & 0x3F));
  } else {
    add(0xF0 | character >> 18);
    add(0x80 | (character >> 12 & 0x3F));
    add(0x80 | (character >> 6 & 0x3F));
    add(0x80 | (character & 0x3F));
  }
}

std::string as_utf8(std::string_view text) {
  if (is_utf8(text)) return std::string{text};
  std::string result;
  result.reserve(text.size() * 2);
  for (const char c : text) append_utf8(result, static_cast<unsigned char>(c));
  return result;
}

std::string utf8_of_utf16(std::string_view bytes) {
  std::string result;
  const auto units = bytes.size() / 2;
  for (std::size_t i = 0; i < units; ++i) {
    auto unit = unit_at(bytes, i);
    if (is_high_surrogate(unit) && i + 1 < units && is_low_surrogate(unit_at(bytes, i + 1))) {
      unit = 0x10000 + ((unit - 0xD800) << 10) + (unit_at(bytes, ++i) - 0xDC00);
    } else if (is_high_surrogate(unit) || is_low_surrogate(unit)) {
      unit = kReplacement;
    }
    append_utf8(result, unit);
  }
  return result;
}

}  // namespace platefs::vo
