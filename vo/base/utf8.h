// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace platefs::vo {

/// U+FFFD, which stands for what is no character.
constexpr char32_t kReplacement = 0xFFFD;
constexpr std::string_view kReplacementUtf8 = "\xEF\xBF\xBD";

/// Well-formed UTF-8: no overlong form, no surrogate, nothing past U+10FFFF.
bool is_utf8(std::string_view text);

/// A byte of a sequence that is not its first.
constexpr bool is_utf8_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

/// A character and how many bytes of the text it takes; of what is no well-formed UTF-8, U+FFFD and one byte.
struct Utf8Character {
  char32_t code = kReplacement;
  std::size_t bytes = 1;
};
/// `text` is not empty.
Utf8Character first_character(std::string_view text);

/// Not to be shown, of one class with these by Unicode's general categories: controls (Cc), what is invisible or
/// changes the direction of writing (Cf), ends of lines and of paragraphs (Zl, Zp), what stands for no character (Cs,
/// Co, Cn).
bool is_unprintable(char32_t character);

/// Columns that a terminal takes for it: 2 for what is wide (East Asian), 0 for what combines with the one before.
std::size_t width_of(std::string_view text);

void append_utf8(std::string& text, char32_t character);

/// `text` itself when it is UTF-8, else its bytes read as ISO-8859-1: what archives write that
/// declare nothing, or UTF-8 wrongly.
std::string as_utf8(std::string_view text);

/// UTF-16 in network order (VOTable unicodeChar); an unpaired surrogate becomes U+FFFD.
std::string utf8_of_utf16(std::string_view bytes);

}  // namespace platefs::vo
