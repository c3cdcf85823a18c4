// SPDX-License-Identifier: BSD-3-Clause
#include "vo/excerpt.h"

#include <algorithm>

#include "vo/ascii.h"
#include "vo/utf8.h"

namespace platefs::vo {
namespace {

constexpr std::size_t kLookedAt = 4096;

/// Where the words of an HTML page begin: its title, else its body; scripts and styles stand
/// before.
std::string_view from_title(std::string_view document) {
  const auto page = lower_case(document);
  for (const auto* tag : {"<title", "<body"}) {
    const auto at = page.find(tag);
    if (at != std::string::npos) return document.substr(at);
  }
  return document;
}

std::string without_markup(std::string_view document) {
  std::string text;
  bool in_tag = false;
  for (const char c : document) {
    if (c == '<') in_tag = true;
    if (!in_tag) text += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
    if (c == '>' && in_tag) {
      in_tag = false;
      text += ' ';
    }
  }
  return text;
}

/// `text` up to `longest` bytes, ended before a character that does not fit in whole.
std::string_view shortened(std::string_view text, std::size_t longest) {
  if (text.size() <= longest) return text;
  while (longest > 0 && (static_cast<unsigned char>(text[longest]) & 0xC0) == 0x80) --longest;
  return text.substr(0, longest);
}

}  // namespace

std::string first_words(std::string_view document, std::size_t longest) {
  const auto start = document.substr(0, kLookedAt);
  // Binary has NULs early on; showing it as text helps nobody.
  if (start.find('\0') != std::string_view::npos) return {};
  std::string line;
  for_each_word(without_markup(from_title(start)), [&](std::string_view word) {
    if (!line.empty()) line += ' ';
    line += word;
  });
  const auto shown = shortened(line, longest);
  return as_utf8(shown) + (shown.size() < line.size() ? "…" : "");
}

}  // namespace platefs::vo
