// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <string_view>

namespace platefs::vo {

/// Well-formed UTF-8: no overlong form, no surrogate, nothing past U+10FFFF.
bool is_utf8(std::string_view text);

void append_utf8(std::string& text, char32_t character);

/// `text` itself when it is UTF-8, else its bytes read as ISO-8859-1: what archives write that
/// declare nothing, or UTF-8 wrongly.
std::string as_utf8(std::string_view text);

/// UTF-16 in network order (VOTable unicodeChar); an unpaired surrogate becomes U+FFFD.
std::string utf8_of_utf16(std::string_view bytes);

}  // namespace platefs::vo
