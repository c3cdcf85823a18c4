// SPDX-License-Identifier: BSD-3-Clause
#include "vo/base/xml_text.h"

#include <algorithm>

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

void append_xml_escaped(std::string& result, std::string_view text) {
  constexpr auto is_plain = [](char c) {
    const auto code = static_cast<unsigned char>(c);
    return code >= 0x20 && code < 0x80 && c != '&' && c != '<' && c != '>' && c != '"';
  };
  if (std::all_of(text.begin(), text.end(), is_plain)) {
    result += text;
    return;
  }
  const auto valid = as_utf8(text);
  for (std::size_t i = 0; i < valid.size(); ++i) {
    if (is_no_character(std::string_view(valid).substr(i))) {
      result += kReplacementUtf8;
      i += 2;
    } else {
      append_escaped(result, valid[i]);
    }
  }
}

std::string xml_escaped(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  append_xml_escaped(result, text);
  return result;
}

}  // namespace platefs::vo
