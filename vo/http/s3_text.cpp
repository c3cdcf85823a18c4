// SPDX-License-Identifier: BSD-3-Clause
#include "vo/http/s3_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace platefs::vo {
namespace {

bool is_unreserved(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '.' || c == '_' || c == '~';
}

}  // namespace

bool is_s3_bucket_name(std::string_view name) {
  const auto is_good = [](char c) { return is_unreserved(c) && c != '~'; };
  return name.size() >= 3 && name.size() <= 255 && std::ranges::all_of(name, is_good) && name != "..." &&
         name.find("..") == name.npos;
}

std::string s3_path(std::string_view text) {
  std::string path;
  for (const char c : text) {
    if (is_unreserved(c) || c == '/') {
      path += c;
    } else {
      path += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return path;
}

std::string s3_error_part(std::string_view body, std::string_view name) {
  constexpr std::size_t kMost = 500;
  const auto opening = fmt::format("<{}>", name), closing = fmt::format("</{}>", name);
  const auto begin = body.find(opening);
  if (begin == body.npos) return {};
  body.remove_prefix(begin + opening.size());
  const auto end = body.find(closing);
  if (end == body.npos) return {};
  std::string part{body.substr(0, std::min(end, kMost))};
  std::ranges::replace_if(
      part, [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7f; }, ' ');
  return part;
}

}  // namespace platefs::vo
