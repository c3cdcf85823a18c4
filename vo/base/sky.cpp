// SPDX-License-Identifier: BSD-3-Clause
#include "vo/base/sky.h"

#include <fmt/core.h>

#include <cmath>
#include <numbers>

#include "vo/base/error.h"

namespace platefs::vo {
namespace {

constexpr double kDegreesPerRadian = 180.0 / std::numbers::pi;

}  // namespace

Angle Angle::radians(double value) { return Angle{value * kDegreesPerRadian}; }
double Angle::as_radians() const { return degrees_ / kDegreesPerRadian; }

IcrsPosition IcrsPosition::at(Angle ra, Angle dec) {
  const double a = ra.as_degrees();
  const double d = dec.as_degrees();
  if (!std::isfinite(a) || a < 0.0 || a >= 360.0) {
    throw Error{ErrorKind::Rejected, fmt::format("right ascension {} is not in [0, 360) degrees", a)};
  }
  if (!std::isfinite(d) || d < -90.0 || d > 90.0) {
    throw Error{ErrorKind::Rejected, fmt::format("declination {} is not in [-90, 90] degrees", d)};
  }
  return {ra, dec};
}

Angle separation(const IcrsPosition& a, const IcrsPosition& b) {
  const double dlon = b.ra.as_radians() - a.ra.as_radians();
  const double sin1 = std::sin(a.dec.as_radians());
  const double cos1 = std::cos(a.dec.as_radians());
  const double sin2 = std::sin(b.dec.as_radians());
  const double cos2 = std::cos(b.dec.as_radians());
  const double across = cos2 * std::sin(dlon);
  const double along = cos1 * sin2 - sin1 * cos2 * std::cos(dlon);
  return Angle::radians(std::atan2(std::hypot(across, along), sin1 * sin2 + cos1 * cos2 * std::cos(dlon)));
}

IcrsPosition offset(const IcrsPosition& from, Angle position_angle, Angle distance) {
  const double sin_d = std::sin(from.dec.as_radians());
  const double cos_d = std::cos(from.dec.as_radians());
  const double sin_r = std::sin(distance.as_radians());
  const double cos_r = std::cos(distance.as_radians());
  const double sin_p = std::sin(position_angle.as_radians());
  const double cos_p = std::cos(position_angle.as_radians());
  // The rotated unit vector; from its parts, because at a pole differences of sines and cosines leave only rounding.
  const double along = cos_d * cos_r - sin_d * sin_r * cos_p;
  const double across = sin_r * sin_p;
  const double up = sin_d * cos_r + cos_d * sin_r * cos_p;
  const double dlon = std::atan2(across, along);
  double ra = std::fmod(from.ra.as_degrees() + dlon * kDegreesPerRadian, 360.0);
  if (ra < 0) ra += 360.0;
  if (ra >= 360.0) ra = 0.0;
  return {Angle::degrees(ra), Angle::radians(std::atan2(up, std::hypot(along, across)))};
}

}  // namespace platefs::vo
