// SPDX-License-Identifier: BSD-3-Clause
#include "vo/base/utf8.h"

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

namespace platefs::vo {
namespace {

constexpr std::size_t kLongestCharacter = 4;  // bytes

constexpr bool is_high_surrogate(char32_t unit) { return unit >= 0xD800 && unit < 0xDC00; }
constexpr bool is_low_surrogate(char32_t unit) { return unit >= 0xDC00 && unit < 0xE000; }

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

Utf8Character first_character(std::string_view text) {
  utf8proc_int32_t code = 0;
  const auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
  const auto length =
      utf8proc_iterate(bytes, static_cast<utf8proc_ssize_t>(std::min(text.size(), kLongestCharacter)), &code);
  if (length <= 0) return {};
  return {static_cast<char32_t>(code), static_cast<std::size_t>(length)};
}

bool is_utf8(std::string_view text) {
  text = text.substr(ascii_length(text));
  while (!text.empty()) {
    const auto character = first_character(text);
    // U+FFFD itself is three bytes long.
    if (character.code == kReplacement && character.bytes == 1) return false;
    text.remove_prefix(character.bytes);
  }
  return true;
}

bool is_unprintable(char32_t character) {
  constexpr std::array kClasses{UTF8PROC_CATEGORY_CC, UTF8PROC_CATEGORY_CF, UTF8PROC_CATEGORY_ZL, UTF8PROC_CATEGORY_ZP,
                                UTF8PROC_CATEGORY_CS, UTF8PROC_CATEGORY_CO, UTF8PROC_CATEGORY_CN};
  return std::ranges::count(kClasses, utf8proc_category(static_cast<utf8proc_int32_t>(character))) > 0;
}

std::size_t width_of(std::string_view text) {
  const auto ascii = ascii_length(text);
  auto width = ascii;
  for (text.remove_prefix(ascii); !text.empty();) {
    const auto character = first_character(text);
    width += static_cast<std::size_t>(std::max(utf8proc_charwidth(static_cast<utf8proc_int32_t>(character.code)), 0));
    text.remove_prefix(character.bytes);
  }
  return width;
}

void append_utf8(std::string& text, char32_t character) {
  std::array<utf8proc_uint8_t, kLongestCharacter> bytes{};
  const auto length = utf8proc_encode_char(static_cast<utf8proc_int32_t>(character), bytes.data());
  text.append(reinterpret_cast<const char*>(bytes.data()), static_cast<std::size_t>(length));
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
