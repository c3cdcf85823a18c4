// SPDX-License-Identifier: BSD-3-Clause
#include "vo/fits/wcs/reading.h"

#include <fmt/core.h>

#include <optional>
#include <utility>

#include "vo/base/error.h"
#include "vo/fits/wcs/dss.h"

namespace platefs::vo {
namespace {

bool is_cd(const WcsCards& cards, const WcsMatrix& matrix) {
  bool has_any = false;
  for (std::size_t i = 0; i < 2; ++i) {
    for (std::size_t j = 0; j < 2; ++j) {
      const auto keyword = fmt::format("CD{}_{}", i + 1, j + 1);
      has_any = has_any || cards.has(keyword);
      if (cards.number(keyword).value_or(0.0) != matrix[i][j]) return false;
    }
  }
  return has_any;
}

std::optional<WcsReading> reading_of(const WcsCards& cards) {
  try {
    const auto types = types_of(cards);
    const auto linear = linear_terms(cards, types.longitude_axis);
    return WcsReading{cards, types, distortion_of(cards, types), linear, is_cd(cards, linear)};
  } catch (const Error&) {
    return std::nullopt;
  }
}

}  // namespace

WcsReadings readings_of(const FitsHeader& header) {
  WcsReadings readings;
  for (auto& cards : WcsCards::all_in(header)) {
    const bool is_dss = cards.letter() == ' ' && has_dss_solution(header);
    auto reading = is_dss ? std::nullopt : reading_of(cards);
    if (reading) {
      readings.read.push_back(*std::move(reading));
    } else {
      readings.unread.push_back(std::move(cards));
    }
  }
  return readings;
}

}  // namespace platefs::vo
