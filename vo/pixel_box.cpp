// SPDX-License-Identifier: BSD-3-Clause
#include "vo/pixel_box.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <vector>

#include "vo/error.h"

namespace platefs::vo {
namespace {

// The highest of 1024 points misses the top of the circle by less than 5e-6 of its radius.
constexpr int kEdgePoints = 1024;
constexpr double kTolerance = 0.75;  // pixels; see the header
constexpr double kFarAway = 1e15;    // pixels; exact as double and as integer

struct Interval {
  double low;
  double high;

  void include(double value) {
    low = std::min(low, value);
    high = std::max(high, value);
  }
};

std::vector<IcrsPosition> circle(const Cone& cone, double fraction) {
  const auto radius = Angle::degrees(std::min(cone.radius.as_degrees(), 180.0) * fraction);
  std::vector<IcrsPosition> edge;
  for (int i = 0; i < kEdgePoints; ++i) {
    edge.push_back(offset(cone.centre, Angle::degrees(i * 360.0 / kEdgePoints), radius));
  }
  return edge;
}

/// The same place on the turn of a cylinder where it is next to `centre`.
Pixel nearest(const Pixel& pixel, const Pixel& centre, const std::optional<Pixel>& turn) {
  if (!turn) return pixel;
  const double length = turn->x * turn->x + turn->y * turn->y;
  const double along = (centre.x - pixel.x) * turn->x + (centre.y - pixel.y) * turn->y;
  const double turns = length > 0 ? std::nearbyint(along / length) : 0;
  return {pixel.x + turns * turn->x, pixel.y + turns * turn->y};
}

/// Includes all points that project; false when some do not.
bool include_circle(const SkyMap& map, const Cone& cone, double fraction, const Pixel& centre,
                    Interval& x, Interval& y) {
  bool complete = true;
  const auto turn = map.turn();
  for (const auto& found : map.pixels_of(circle(cone, fraction))) {
    complete = complete && found;
    if (!found) continue;
    const auto pixel = nearest(*found, centre, turn);
    x.include(std::clamp(pixel.x, -kFarAway, kFarAway));
    y.include(std::clamp(pixel.y, -kFarAway, kFarAway));
  }
  return complete;
}

struct Pixels {
  std::int64_t first;
  std::int64_t last;
};

std::int64_t whole(double value) { return static_cast<std::int64_t>(value); }

/// Pixel n reaches from n - 1/2 to n + 1/2.
Pixels pixels_along(const Interval& edge, double centre) {
  const double count = std::max(1.0, std::nearbyint(edge.high - edge.low));
  const double first = std::ceil(centre - count / 2);
  const double last = first + count - 1;
  return {whole(std::min(first, std::floor(edge.low + 0.5 + kTolerance))),
          whole(std::max(last, std::ceil(edge.high - 0.5 - kTolerance)))};
}

Pixels clipped(Pixels pixels, std::int64_t length) {
  return {std::max<std::int64_t>(pixels.first, 1), std::min(pixels.last, length)};
}

Error not_on_plate(std::string_view where) {
  return {ErrorKind::Rejected, fmt::format("the target is not on this plate: {}", where)};
}

}  // namespace

Pixel pixel_on_image(const SkyMap& map, const IcrsPosition& target, std::int64_t width,
                     std::int64_t height) {
  const auto found = map.pixel_of(target);
  if (!found) throw not_on_plate("the plate's projection does not reach it");
  const Pixel middle{static_cast<double>(width) / 2, static_cast<double>(height) / 2};
  const auto pixel = nearest(*found, middle, map.turn());
  const auto inside = [](double value, std::int64_t length) {
    return value >= 0.5 && value < static_cast<double>(length) + 0.5;
  };
  if (inside(pixel.x, width) && inside(pixel.y, height)) return pixel;
  throw not_on_plate(
      fmt::format("pixel ({:.1f}, {:.1f}) of {} x {}", pixel.x, pixel.y, width, height));
}

ConePixels pixels_of_cone(const SkyMap& map, const Cone& cone, std::int64_t width,
                          std::int64_t height) {
  const auto centre = pixel_on_image(map, cone.centre, width, height);
  Interval x{centre.x, centre.x};
  Interval y{centre.y, centre.y};
  for (const double fraction : {1.0, 0.75, 0.5, 0.25, 0.125, 0.0625}) {
    if (include_circle(map, cone, fraction, centre, x, y)) break;
  }
  const auto columns = pixels_along(x, centre.x);
  const auto rows = pixels_along(y, centre.y);
  const auto kept_columns = clipped(columns, width);
  const auto kept_rows = clipped(rows, height);
  const PixelBox box{kept_columns.first, kept_columns.last, kept_rows.first, kept_rows.last};
  const PixelBox whole{columns.first, columns.last, rows.first, rows.last};
  return {box, box != whole, whole, centre};
}

}  // namespace platefs::vo
