// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <compare>

namespace platefs::vo {

/// An angle; the unit is said where it comes in and where it goes out.
class Angle {
 public:
  static constexpr Angle degrees(double value) { return Angle{value}; }
  static constexpr Angle arcminutes(double value) { return Angle{value / 60.0}; }
  static constexpr Angle arcseconds(double value) { return Angle{value / 3600.0}; }
  static Angle radians(double value);

  constexpr double as_degrees() const { return degrees_; }
  constexpr double as_arcminutes() const { return degrees_ * 60.0; }
  constexpr double as_arcseconds() const { return degrees_ * 3600.0; }
  double as_radians() const;

  friend constexpr auto operator<=>(Angle, Angle) = default;

 private:
  explicit constexpr Angle(double value) : degrees_(value) {}
  double degrees_;
};

/// A place on the sky in ICRS. Invariant: 0 <= ra < 360 deg, -90 <= dec <= 90 deg, both finite.
struct IcrsPosition {
  /// Throws Error{Rejected} naming the offending value when dec is off the sphere or either is not
  /// finite; ra outside [0, 360) is an error too: a typing mistake, not a turn.
  static IcrsPosition at(Angle ra, Angle dec);

  Angle ra;
  Angle dec;

  friend constexpr auto operator<=>(const IcrsPosition&, const IcrsPosition&) = default;
};

/// A circle on the sky: all positions within `radius` (> 0) of `centre`.
struct Cone {
  IcrsPosition centre;
  Angle radius;

  friend constexpr auto operator<=>(const Cone&, const Cone&) = default;
};

/// Great-circle distance. Vincenty's form: good to 1e-15 rad at every distance, where the law of
/// cosines loses half its digits below an arc minute.
Angle separation(const IcrsPosition& a, const IcrsPosition& b);

/// The position `distance` away from `from` in the direction `position_angle` (north through east).
IcrsPosition offset(const IcrsPosition& from, Angle position_angle, Angle distance);

}  // namespace platefs::vo
