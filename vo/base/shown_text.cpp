// SPDX-License-Identifier: BSD-3-Clause
#include "vo/base/shown_text.h"

#include <algorithm>

#include "vo/base/ascii.h"
#include "vo/base/utf8.h"

namespace platefs::vo {
namespace {

constexpr std::string_view kMore = "…";

constexpr bool is_plain(char c) { return c >= 0x20 && c < 0x7f; }

/// `text` up to `longest` bytes, ended before a character that does not fit in whole.
std::string_view shortened(std::string_view text, std::size_t longest) {
  if (text.size() <= longest) return text;
  auto end = longest;
  while (end > 0 && end + 3 > longest && is_utf8_continuation(text[end])) --end;
  return text.substr(0, end);
}

constexpr bool is_between(char32_t c, char32_t first, char32_t last) { return c >= first && c <= last; }

/// Of characters beyond ASCII: C1, ends of lines and paragraphs, marks and overrides of the direction.
constexpr bool is_control(char32_t c) {
  return is_between(c, 0x80, 0x9F) || c == 0x61C || is_between(c, 0x200E, 0x200F) || is_between(c, 0x2028, 0x202E) ||
         is_between(c, 0x2066, 0x2069) || c == 0xFEFF;
}

/// The character that begins well-formed UTF-8, as far as `is_control` asks: of those with two or three bytes.
char32_t character_at(std::string_view text) {
  const auto bits = [&](std::size_t i, unsigned mask) { return char32_t{static_cast<unsigned char>(text[i]) & mask}; };
  if (text.size() >= 2 && bits(0, 0xE0) == 0xC0) return bits(0, 0x1F) << 6 | bits(1, 0x3F);
  if (text.size() >= 3 && bits(0, 0xF0) == 0xE0) return bits(0, 0x0F) << 12 | bits(1, 0x3F) << 6 | bits(2, 0x3F);
  return U'?';
}

std::string_view shown(std::string_view character) {
  const char first = character.front();
  if (is_plain(first)) return character;
  if (is_blank(first)) return " ";
  const bool is_ascii = static_cast<unsigned char>(first) < 0x80;
  return is_ascii || is_control(character_at(character)) ? kReplacementUtf8 : character;
}

std::size_t length_of_first(std::string_view text) {
  std::size_t length = 1;
  while (length < text.size() && is_utf8_continuation(text[length])) ++length;
  return length;
}

std::string without_controls(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  while (!text.empty()) {
    const auto length = length_of_first(text);
    result += shown(text.substr(0, length));
    text.remove_prefix(length);
  }
  return result;
}

}  // namespace

std::string shown_text(std::string_view text, std::size_t longest) {
  const auto start = shortened(text, longest);
  if (start.size() == text.size() && std::ranges::all_of(text, is_plain)) return std::string{text};
  auto result = without_controls(as_utf8(start));  // may have become longer
  if (start.size() == text.size() && result.size() <= longest) return result;
  result = std::string{shortened(result, longest - std::min(longest, kMore.size()))};
  return result += kMore;
}

}  // namespace platefs::vo
