// SPDX-License-Identifier: BSD-3-Clause
#pragma once

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

void append_utf8(std::string& text, char32_t character);

/// `text` itself when it is UTF-8, else its bytes read as ISO-8859-1: what archives write that
/// declare nothing, or UTF-8 wrongly.
std::string as_utf8(std::string_view text);

/// UTF-16 in network order (VOTable unicodeChar); an unpaired surrogate becomes U+FFFD.
std::string utf8_of_utf16(std::string_view bytes);

}  // namespace platefs::vo
