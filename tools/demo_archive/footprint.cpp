// SPDX-License-Identifier: BSD-3-Clause
#include "tools/demo_archive/footprint.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace platefs::demo {
namespace {

using Vector = std::array<double, 3>;

Vector direction(const vo::IcrsPosition& p) {
  const double a = p.ra.as_radians(), d = p.dec.as_radians();
  return {std::cos(d) * std::cos(a), std::cos(d) * std::sin(a), std::sin(d)};
}

double dot(const Vector& a, const Vector& b) { return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]; }
Vector cross(const Vector& a, const Vector& b) {
  return {a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]};
}
Vector unit(const Vector& a) {
  const double length = std::sqrt(dot(a, a));
  return {a[0] / length, a[1] / length, a[2] / length};
}

/// A plane that touches the sphere: in its gnomonic projection great circles are straight lines.
class TangentPlane {
 public:
  explicit TangentPlane(Footprint footprint) {
    Vector sum{};
    for (const auto& corner : footprint) {
      const auto d = direction(corner);
      for (std::size_t i = 0; i < 3; ++i) sum[i] += d[i];
    }
    pole_ = unit(sum);
    const Vector other = std::abs(pole_[2]) < 0.9 ? Vector{0, 0, 1} : Vector{1, 0, 0};
    x_ = unit(cross(other, pole_));
    y_ = cross(pole_, x_);
  }

  struct Point {
    double x, y;
  };
  bool sees(const vo::IcrsPosition& p) const { return dot(direction(p), pole_) > 1e-6; }
  Point project(const vo::IcrsPosition& p) const {
    const auto d = direction(p);
    const double depth = dot(d, pole_);
    return {dot(d, x_) / depth, dot(d, y_) / depth};
  }

 private:
  Vector pole_{}, x_{}, y_{};
};

/// Distance of a point from an arc of a great circle.
double distance_from_arc(const Vector& p, const Vector& a, const Vector& b) {
  const auto pole = unit(cross(a, b));
  const bool is_beside = dot(cross(pole, a), p) >= 0 && dot(cross(b, pole), p) >= 0;
  if (is_beside) return std::abs(std::asin(std::clamp(dot(pole, p), -1.0, 1.0)));
  const auto angle = [&p](const Vector& q) {
    const auto c = cross(p, q);
    return std::atan2(std::sqrt(dot(c, c)), dot(p, q));
  };
  return std::min(angle(a), angle(b));
}

}  // namespace

bool contains(Footprint footprint, const vo::IcrsPosition& position) {
  const TangentPlane plane(footprint);
  if (!plane.sees(position)) return false;
  const auto p = plane.project(position);
  bool is_inside = false;
  for (std::size_t i = 0, j = footprint.size() - 1; i < footprint.size(); j = i++) {
    const auto a = plane.project(footprint[i]), b = plane.project(footprint[j]);
    if ((a.y > p.y) != (b.y > p.y) && p.x < (b.x - a.x) * (p.y - a.y) / (b.y - a.y) + a.x) is_inside = !is_inside;
  }
  return is_inside;
}

bool touches(Footprint footprint, const vo::IcrsPosition& centre, vo::Angle radius) {
  if (contains(footprint, centre)) return true;
  const auto p = direction(centre);
  for (std::size_t i = 0, j = footprint.size() - 1; i < footprint.size(); j = i++) {
    if (distance_from_arc(p, direction(footprint[j]), direction(footprint[i])) <= radius.as_radians()) return true;
  }
  return false;
}

std::string stc_s(Footprint footprint) {
  std::string text = "Polygon ICRS";
  for (const auto& corner : footprint) {
    text += fmt::format(" {:.9f} {:.9f}", corner.ra.as_degrees(), corner.dec.as_degrees());
  }
  return text;
}

}  // namespace platefs::demo
