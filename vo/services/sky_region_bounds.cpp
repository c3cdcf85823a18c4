// SPDX-License-Identifier: BSD-3-Clause
// A circle that holds all of an area.
#include <algorithm>
#include <cmath>
#include <optional>

#include "vo/services/sky_region_shape.h"

namespace platefs::vo {
namespace {

using Circle = SkyRegion::Bounds;
using Bounded = SkyRegion::Shape;

constexpr double kHemisphere = 90;

IcrsPosition place(double ra, double dec) {
  const double turned = std::fmod(std::fmod(ra, 360) + 360, 360);
  return IcrsPosition::at(Angle::degrees(turned < 360 ? turned : 0), Angle::degrees(std::clamp(dec, -90.0, 90.0)));
}

std::optional<Circle> circle(const IcrsPosition& centre, double radius) {
  if (!(radius < kHemisphere)) return std::nullopt;
  return Circle{centre, Angle::degrees(radius)};
}

/// Round the mean of the corners: a circle of less than a hemisphere holds the great circles between what it holds.
std::optional<Circle> circle_of_polygon(const std::vector<double>& numbers) {
  double x = 0, y = 0, z = 0;
  for (std::size_t i = 0; i + 1 < numbers.size(); i += 2) {
    const auto corner = place(numbers[i], numbers[i + 1]);
    x += std::cos(corner.dec.as_radians()) * std::cos(corner.ra.as_radians());
    y += std::cos(corner.dec.as_radians()) * std::sin(corner.ra.as_radians());
    z += std::sin(corner.dec.as_radians());
  }
  if (std::hypot(x, y, z) < 1e-9) return std::nullopt;
  const auto centre = place(Angle::radians(std::atan2(y, x)).as_degrees(),
                            Angle::radians(std::atan2(z, std::hypot(x, y))).as_degrees());
  double radius = 0;
  for (std::size_t i = 0; i + 1 < numbers.size(); i += 2) {
    radius = std::max(radius, separation(centre, place(numbers[i], numbers[i + 1])).as_degrees());
  }
  return circle(centre, radius);
}

/// The farthest of a range from its middle are its corners, as long as it is less than half around.
std::optional<Circle> circle_of_range(const std::vector<double>& n) {
  const double width = n[0] > n[1] ? n[1] + 360 - n[0] : n[1] - n[0];
  if (width >= 180) return std::nullopt;
  const double low = std::max(n[2], -90.0), high = std::min(n[3], 90.0);
  const auto centre = place(n[0] + width / 2, (low + high) / 2);
  double radius = 0;
  for (const double ra : {n[0], n[0] + width}) {
    for (const double dec : {low, high}) radius = std::max(radius, separation(centre, place(ra, dec)).as_degrees());
  }
  return circle(centre, radius);
}

std::optional<Circle> bounds_of(const Bounded& shape);

std::optional<Circle> circle_of_union(const Bounded& shape) {
  std::optional<Circle> whole;
  for (const auto& part : shape.parts) {
    const auto next = bounds_of(*part);
    if (!next) return std::nullopt;
    if (!whole) {
      whole = next;
      continue;
    }
    const double reach = separation(whole->centre, next->centre).as_degrees() + next->radius.as_degrees();
    whole = circle(whole->centre, std::max(whole->radius.as_degrees(), reach));
    if (!whole) return std::nullopt;
  }
  return whole;
}

std::optional<Circle> circle_of_intersection(const Bounded& shape) {
  std::optional<Circle> smallest;
  for (const auto& part : shape.parts) {
    const auto next = bounds_of(*part);
    if (next && (!smallest || next->radius < smallest->radius)) smallest = next;
  }
  return smallest;
}

std::optional<Circle> bounds_of(const Bounded& shape) {
  using Kind = Bounded::Kind;
  const auto& n = shape.numbers;
  switch (shape.kind) {
    case Kind::Circle:
      return circle(place(n[0], n[1]), n[2]);
    case Kind::Polygon:
      return circle_of_polygon(n);
    case Kind::Box:
      return circle(place(n[0], n[1]), std::hypot(n[2] / 2, n[3] / 2));
    case Kind::Ellipse:
      return circle(place(n[0], n[1]), std::max(n[2], n[3]));
    case Kind::Range:
      return circle_of_range(n);
    case Kind::Position:
      return circle(place(n[0], n[1]), 0);
    case Kind::Union:
      return circle_of_union(shape);
    case Kind::Intersection:
      return circle_of_intersection(shape);
    case Kind::Not:
      return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace

std::optional<SkyRegion::Bounds> SkyRegion::bounds() const { return bounds_of(*shape_); }

}  // namespace platefs::vo
