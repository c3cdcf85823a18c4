// SPDX-License-Identifier: BSD-3-Clause
#include "vo/base/xml_text.h"

#include "vo/base/utf8.h"

namespace platefs::vo {
namespace {

/// U+FFFE and U+FFFF: valid in UTF-8, forbidden in XML.
constexpr std::string_view kNoCharacter = "\xEF\xBF";

void append_escaped(std::string& result, char c) {
  switch (c) {
    case '&':
      result += "&amp;";
      break;
    case '<':
      result += "&lt;";
      break;
    case '>':
      result += "&gt;";
      break;
    case '"':
      result += "&quot;";
      break;
    // As references, or a reader turns them into blanks (attributes) or line feeds (text).
    case '\t':
      result += "&#9;";
      break;
    case '\n':
      result += "&#10;";
      break;
    case '\r':
      result += "&#13;";
      break;
    default:
      result += static_cast<unsigned char>(c) < 0x20 ? kReplacementUtf8 : std::string_view{&c, 1};
  }
}

bool is_no_character(std::string_view text) {
  return text.starts_with(kNoCharacter) && text.size() > 2 && (text[2] == '\xBE' || text[2] == '\xBF');
}

}  // namespace

std::string xml_escaped(std::string_view text) {
  const auto valid = as_utf8(text);
  std::string result;
  result.reserve(valid.size());
  for (std::size_t i = 0; i < valid.size(); ++i) {
    if (is_no_character(std::string_view(valid).substr(i))) {
      result += kReplacementUtf8;
      i += 2;
    } else {
      append_escaped(result, valid[i]);
    }
  }
  return result;
}

}  // namespace platefs::vo
