// SPDX-License-Identifier: BSD-3-Clause
#include "vo/base/excerpt.h"

#include <algorithm>

#include "vo/base/ascii.h"
#include "vo/base/shown_text.h"

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
  return shown_text(line, longest);
}

}  // namespace platefs::vo
