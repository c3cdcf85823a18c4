// SPDX-License-Identifier: BSD-3-Clause
#include "vo/http/curl_head.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "vo/base/ascii.h"

namespace platefs::vo {
namespace {

int status_from(std::string_view status_line) {
  const auto blank = std::min(status_line.find(' '), status_line.size());
  const auto text = trimmed(status_line.substr(blank));
  int status = 0;
  std::from_chars(text.data(), text.data() + text.size(), status);
  return status;
}

}  // namespace

bool CurlHead::take(std::string_view line) {
  if (line.starts_with("HTTP/")) {
    begin(line);
    return false;
  }
  if (!reading_) return false;
  if (!trimmed(line).empty()) {
    add(line);
    return false;
  }
  reading_ = false;
  return head_.status >= 200;
}

void CurlHead::begin(std::string_view status_line) {
  head_ = {};
  head_.status = status_from(status_line);
  reading_ = true;
}

void CurlHead::add(std::string_view line) {
  const bool is_continuation = line.starts_with(' ') || line.starts_with('\t');
  if (is_continuation && !head_.headers.empty()) {
    head_.headers.back().second.append(" ").append(trimmed(line));
    return;
  }
  const auto colon = line.find(':');
  if (colon == std::string_view::npos) return;
  head_.headers.emplace_back(lower_case(trimmed(line.substr(0, colon))), trimmed(line.substr(colon + 1)));
}

}  // namespace platefs::vo
