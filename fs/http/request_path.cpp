// SPDX-License-Identifier: BSD-3-Clause
#include "fs/http/request_path.h"

#include <fmt/core.h>

#include <algorithm>
#include <optional>

#include "vo/base/ascii.h"
#include "vo/base/error.h"
#include "vo/base/url.h"

namespace platefs::fs {
namespace {

constexpr std::size_t kMostNames = 32;
constexpr std::size_t kLongestName = 255;  // NAME_MAX, as in a mount

vo::Error is_no_path(std::string_view why) { return {vo::ErrorKind::BadUsage, fmt::format("this URL {}", why)}; }

int hex_digit(char c) {
  if (vo::is_digit(c)) return c - '0';
  const char low = vo::lower(c);
  return low >= 'a' && low <= 'f' ? low - 'a' + 10 : -1;
}

/// Unlike vo::percent_decoded, which lets pass what archives write: a client of ours that encodes wrongly is told.
std::string strictly_decoded(std::string_view text) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded += text[i];
      continue;
    }
    const int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1, low = high < 0 ? -1 : hex_digit(text[i + 2]);
    if (low < 0) throw is_no_path("has a % without two hexadecimal digits behind it");
    decoded += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return decoded;
}

std::string name_of(std::string_view encoded) {
  auto name = strictly_decoded(encoded);
  if (name == "." || name == "..") throw is_no_path("has . or .. in its path; leave it out");
  if (name.find('/') != std::string::npos) throw is_no_path("has an encoded slash in a name");
  if (name.find('\0') != std::string::npos) throw is_no_path("has a NUL in a name");
  if (name.size() > kLongestName) throw is_no_path("has a name of more than 255 bytes");
  return name;
}

/// Takes "http://authority" off the front.
std::string take_authority(std::string_view& target) {
  constexpr std::string_view kScheme = "http://";
  if (!vo::starts_with_ignoring_case(target, kScheme)) return {};
  target.remove_prefix(kScheme.size());
  const auto end = std::min(target.find_first_of("/?"), target.size());
  std::string authority{target.substr(0, end)};
  target.remove_prefix(end);
  if (target.empty() || target.front() == '?') throw is_no_path("has no path; begin it with /");
  return authority;
}

}  // namespace

RequestPath parse_request_path(std::string_view target) {
  RequestPath path;
  path.authority = take_authority(target);
  if (!target.starts_with('/')) throw is_no_path("does not begin with /");
  if (target.find('#') != std::string_view::npos) throw is_no_path("has a # in it; write %23");
  const auto mark = std::min(target.find('?'), target.size());
  path.query = target.substr(std::min(mark + 1, target.size()));
  target = target.substr(0, mark);
  path.text = target;
  path.is_directory = target.ends_with('/');
  while (!target.empty()) {
    const auto end = std::min(target.find('/'), target.size());
    if (end > 0) {
      if (path.names.size() == kMostNames) throw is_no_path("has more names than any path here");
      path.names.push_back(name_of(target.substr(0, end)));
    }
    target.remove_prefix(std::min(end + 1, target.size()));
  }
  return path;
}

std::string query_value(std::string_view query, std::string_view name) {
  const auto wanted = std::string{name} + "=";
  while (!query.empty()) {
    const auto end = std::min(query.find('&'), query.size());
    const auto pair = query.substr(0, end);
    if (pair.starts_with(wanted)) return vo::percent_decoded(pair.substr(wanted.size()));
    query.remove_prefix(std::min(end + 1, query.size()));
  }
  return {};
}

std::string encoded_path(const std::vector<std::string>& names, bool is_directory) {
  std::string path;
  for (const auto& name : names) path.append("/").append(vo::percent_encoded(name));
  if (is_directory) path += '/';
  return path;
}

}  // namespace platefs::fs
