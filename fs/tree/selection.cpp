// SPDX-License-Identifier: BSD-3-Clause
#include "fs/tree/selection.h"

#include <fmt/core.h>

#include <charconv>

#include "vo/base/mjd.h"

namespace platefs::fs {
namespace {

constexpr std::size_t kLongestFolder = 200;  // bytes; a file system takes 255

std::string cleaned(std::string_view name) {
  std::string clean;
  for (const char c : name.substr(0, kLongestFolder)) {
    const auto byte = static_cast<unsigned char>(c);
    clean += byte < 0x20 || byte == 0x7f || c == '/' ? '-' : c;
  }
  while (!clean.empty() && clean.back() == ' ') clean.pop_back();
  if (clean.starts_with('.')) clean.front() = '-';  // "..", and what ls hides
  return clean.empty() ? "unnamed" : clean;
}

}  // namespace

std::optional<int> year_of(const vo::Plate& plate) {
  if (!plate.t_min) return std::nullopt;
  const auto date = vo::iso_date(*plate.t_min);
  int year = 0;
  const auto [end, problem] = std::from_chars(date.data(), date.data() + date.size(), year);
  return problem == std::errc{} ? std::optional{year} : std::nullopt;
}

bool is_within(const Years& years, const vo::Plate& plate) {
  const auto year = year_of(plate);
  return year && *year >= years.first && *year <= years.last;
}

std::string_view folder_of(Grouping grouping) {
  return grouping == Grouping::ByCollection ? "by-collection" : "by-decade";
}

std::string group_of(Grouping grouping, const vo::Plate& plate) {
  if (grouping == Grouping::ByCollection) return cleaned(plate.obs_collection);
  const auto year = year_of(plate);
  return year ? fmt::format("{:04}s", *year / 10 * 10) : "undated";
}

}  // namespace platefs::fs
