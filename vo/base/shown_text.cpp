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

std::string without_controls(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  while (!text.empty()) {
    const auto character = first_character(text);
    if (character.code < 0x80 && is_blank(static_cast<char>(character.code))) {
      result += ' ';
    } else {
      result += is_unprintable(character.code) ? kReplacementUtf8 : text.substr(0, character.bytes);
    }
    text.remove_prefix(character.bytes);
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
