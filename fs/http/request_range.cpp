// SPDX-License-Identifier: BSD-3-Clause
#include "fs/http/request_range.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>

#include "vo/base/ascii.h"

namespace platefs::fs {
namespace {

/// All of it digits; a number that is too large is the largest there is.
std::optional<std::uint64_t> number(std::string_view text) {
  if (text.empty() || !std::ranges::all_of(text, vo::is_digit)) return std::nullopt;
  std::uint64_t value = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
  return result.ec == std::errc{} ? value : std::numeric_limits<std::uint64_t>::max();
}

}  // namespace

RequestedRange requested_range(std::string_view header, std::uint64_t file_size) {
  using enum RequestedRange::Answer;
  constexpr std::string_view kUnit = "bytes=";
  header = vo::trimmed(header);
  if (!vo::starts_with_ignoring_case(header, kUnit)) return {};
  // Several ranges may be answered by the whole (RFC 9110, 14.2): programs that read FITS ask for one.
  const auto set = vo::trimmed(header.substr(kUnit.size()));
  const auto dash = set.find('-');
  if (dash == std::string_view::npos) return {};
  const auto before = set.substr(0, dash), behind = set.substr(dash + 1);
  const auto first = number(before), last = number(behind);
  if ((!first && !before.empty()) || (!last && !behind.empty()) || (!first && !last)) return {};
  if (!first) {
    if (*last == 0 || file_size == 0) return {Unsatisfiable, {}};
    return {Part, {file_size - std::min(*last, file_size), file_size}};
  }
  if (last && *last < *first) return {};
  if (*first >= file_size) return {Unsatisfiable, {}};
  return {Part, {*first, last ? std::min(*last, file_size - 1) + 1 : file_size}};
}

std::string content_range(vo::ByteRange range, std::uint64_t file_size) {
  if (range.empty()) return fmt::format("bytes */{}", file_size);
  return fmt::format("bytes {}-{}/{}", range.first, range.end - 1, file_size);
}

}  // namespace platefs::fs
