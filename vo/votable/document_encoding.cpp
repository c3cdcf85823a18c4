// SPDX-License-Identifier: BSD-3-Clause
#include "vo/votable/document_encoding.h"

#include <fmt/core.h>

#include <algorithm>
#include <pugixml.hpp>

#include "vo/base/ascii.h"
#include "vo/base/error.h"
#include "vo/base/utf8.h"

namespace platefs::vo {
namespace {

constexpr std::size_t kLargestWideDocument = std::size_t{32} << 20;

/// The first character, a mark or '<', takes more than a byte.
bool is_wide(std::string_view document) {
  const auto first = document.substr(0, 4);
  return first.starts_with("\xFE\xFF") || first.starts_with("\xFF\xFE") || first.find('\0') != std::string_view::npos;
}

struct StringWriter final : pugi::xml_writer {
  void write(const void* data, std::size_t size) override { text.append(static_cast<const char*>(data), size); }
  std::string text;
};

std::optional<std::string> narrowed(std::string_view document) {
  if (document.size() > kLargestWideDocument) {
    throw Error{ErrorKind::Malformed, fmt::format("a document in UTF-16 of more than {} bytes", kLargestWideDocument)};
  }
  pugi::xml_document xml;
  const auto result = xml.load_buffer(document.data(), document.size(), pugi::parse_cdata | pugi::parse_escapes);
  if (!result) return std::nullopt;
  StringWriter writer;
  xml.save(writer, "", pugi::format_raw | pugi::format_no_declaration, pugi::encoding_utf8);
  return std::move(writer.text);
}

bool declares_latin1(std::string_view document) {
  if (!document.starts_with("<?xml")) return false;
  const auto declaration = lower_case(document.substr(0, std::min<std::size_t>(document.find("?>"), 200)));
  const auto encoding = declaration.find("encoding");
  if (encoding == std::string::npos) return false;
  const auto value = std::string_view{declaration}.substr(encoding);
  return value.find("\"iso-8859-1\"") != value.npos || value.find("'iso-8859-1'") != value.npos ||
         value.find("\"latin1\"") != value.npos || value.find("'latin1'") != value.npos;
}

}  // namespace

std::optional<std::string> converted_to_utf8(std::string_view document) {
  if (is_wide(document)) return narrowed(document);
  const auto is_ascii = [](char c) { return static_cast<unsigned char>(c) < 0x80; };
  if (!declares_latin1(document) || std::all_of(document.begin(), document.end(), is_ascii)) return std::nullopt;
  std::string text;
  text.reserve(document.size() + document.size() / 8);
  for (const char c : document) append_utf8(text, static_cast<unsigned char>(c));
  return text;
}

}  // namespace platefs::vo
