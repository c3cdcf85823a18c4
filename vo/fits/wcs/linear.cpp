// SPDX-License-Identifier: BSD-3-Clause
#include "vo/fits/wcs/linear.h"

#include <fmt/core.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>
#include <vector>

#include "vo/base/error.h"
#include "vo/fits/wcs/unit.h"

namespace platefs::vo {
namespace {

constexpr double kFlat = 1e-9;  // sine of the angle between the axes below which they are one

std::string element(std::string_view stem, std::size_t i, std::size_t j) {
  return fmt::format("{}{}_{}", stem, i + 1, j + 1);
}

bool has_matrix(const WcsCards& cards, std::string_view stem) {
  return cards.has(element(stem, 0, 0)) || cards.has(element(stem, 0, 1)) || cards.has(element(stem, 1, 0)) ||
         cards.has(element(stem, 1, 1));
}

WcsMatrix matrix_of(const WcsCards& cards, std::string_view stem, double diagonal) {
  WcsMatrix matrix{};
  for (std::size_t i = 0; i < 2; ++i) {
    for (std::size_t j = 0; j < 2; ++j) {
      matrix[i][j] = cards.defined_number(element(stem, i, j)).value_or(i == j ? diagonal : 0.0);
    }
  }
  return matrix;
}

bool has_inverse(const WcsMatrix& matrix) {
  const double rows = std::hypot(matrix[0][0], matrix[0][1]) * std::hypot(matrix[1][0], matrix[1][1]);
  return std::isfinite(rows) && rows > 0 && std::abs(determinant(matrix)) > kFlat * rows;
}

/// "CD1_1 = 0, CD2_2 = 0": those of the cards that are there.
std::string cards_in_words(const WcsCards& cards, const std::vector<std::string>& keywords) {
  std::vector<std::string> said;
  for (const auto& keyword : keywords) {
    if (cards.has(keyword))
      said.push_back(fmt::format("{} = {}", cards.spelled(keyword), cards.number(keyword).value_or(0)));
  }
  return fmt::format("{}", fmt::join(said, ", "));
}

std::vector<std::string> elements(std::string_view stem) {
  return {element(stem, 0, 0), element(stem, 0, 1), element(stem, 1, 0), element(stem, 1, 1)};
}

Error no_inverse(const WcsCards& cards, const std::vector<std::string>& keywords) {
  return {ErrorKind::Rejected,
          fmt::format("the FITS header's coordinates have no inverse: {}", cards_in_words(cards, keywords))};
}

Error no_scale(const WcsCards& cards, std::string_view missing) {
  return {ErrorKind::Rejected,
          fmt::format("the FITS header's coordinates have no scale: {} is missing", cards.spelled(missing))};
}

std::array<double, 2> scales(const WcsCards& cards) {
  return {cards.defined_number("CDELT1").value_or(1.0), cards.defined_number("CDELT2").value_or(1.0)};
}

WcsMatrix scaled_pc(const WcsCards& cards) {
  auto matrix = matrix_of(cards, "PC", 1.0);
  const auto by = scales(cards);
  for (std::size_t i = 0; i < 2; ++i) {
    for (auto& value : matrix[i]) value *= by[i];
  }
  if (has_inverse(matrix)) {
    // A plate of a degree per pixel is one whose CDELT was lost.
    const double unit = degrees_per_unit(cards, 1).value_or(1.0) * degrees_per_unit(cards, 2).value_or(1.0);
    if (!cards.has("CDELT1") && !cards.has("CDELT2") && std::abs(determinant(matrix)) * unit > 0.5)
      throw no_scale(cards, "CDELT1");
    return matrix;
  }
  auto keywords = elements("PC");
  keywords.insert(keywords.end(), {"CDELT1", "CDELT2"});
  throw no_inverse(cards, keywords);
}

WcsMatrix turned(const WcsCards& cards, int longitude_axis) {
  for (const auto* keyword : {"CDELT1", "CDELT2"}) {
    if (!cards.has(keyword)) throw no_scale(cards, keyword);
  }
  const auto by = scales(cards);
  const auto lng = static_cast<std::size_t>(longitude_axis - 1), lat = 1 - lng;
  const double angle = cards.number(fmt::format("CROTA{}", lat + 1)).value_or(0.0) * std::numbers::pi / 180.0;
  WcsMatrix matrix{};
  matrix[lng][lng] = by[lng] * std::cos(angle);
  matrix[lng][lat] = -by[lat] * std::sin(angle);
  matrix[lat][lng] = by[lng] * std::sin(angle);
  matrix[lat][lat] = by[lat] * std::cos(angle);
  if (!has_inverse(matrix)) throw no_inverse(cards, {"CDELT1", "CDELT2", "CROTA1", "CROTA2"});
  return matrix;
}

}  // namespace

double determinant(const WcsMatrix& matrix) { return matrix[0][0] * matrix[1][1] - matrix[0][1] * matrix[1][0]; }

WcsMatrix linear_terms(const WcsCards& cards, int longitude_axis) {
  const bool has_pc = has_matrix(cards, "PC");
  if (has_matrix(cards, "CD")) {
    const auto cd = matrix_of(cards, "CD", 0.0);
    if (has_inverse(cd)) return cd;
    if (!has_pc) throw no_inverse(cards, elements("CD"));
  }
  return has_pc ? scaled_pc(cards) : turned(cards, longitude_axis);
}

}  // namespace platefs::vo
