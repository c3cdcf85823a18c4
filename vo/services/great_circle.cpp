// SPDX-License-Identifier: BSD-3-Clause
#include "vo/services/great_circle.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

namespace platefs::vo {
namespace {

using Vector = std::array<double, 3>;

Vector cross(const Vector& a, const Vector& b) {
  return {a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]};
}

double dot(const Vector& a, const Vector& b) { return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]; }

}  // namespace

std::array<double, 3> unit_vector(const IcrsPosition& position) {
  const double ra = position.ra.as_radians(), dec = position.dec.as_radians();
  return {std::cos(dec) * std::cos(ra), std::cos(dec) * std::sin(ra), std::sin(dec)};
}

Angle distance_to_arc(const IcrsPosition& place, const IcrsPosition& from, const IcrsPosition& to) {
  const auto p = unit_vector(place), a = unit_vector(from), b = unit_vector(to);
  const auto pole = cross(a, b);
  const double length = std::sqrt(dot(pole, pole));
  const bool is_beside = length > 0 && dot(cross(pole, a), p) >= 0 && dot(cross(b, pole), p) >= 0;
  if (!is_beside) return std::min(separation(place, from), separation(place, to));
  const double sine = std::min(std::abs(dot(pole, p)) / length, 1.0);
  return Angle::degrees(std::asin(sine) * 180.0 / std::numbers::pi);
}

}  // namespace platefs::vo
