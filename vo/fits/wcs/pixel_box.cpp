// SPDX-License-Identifier: BSD-3-Clause
#include "vo/fits/wcs/pixel_box.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <numbers>
#include <optional>
#include <utility>
#include <vector>

#include "vo/base/error.h"

namespace platefs::vo {
namespace {

// The highest of 1024 points misses the top of the circle by less than 5e-6 of its radius.
constexpr int kEdgePoints = 1024;
constexpr double kFarAway = 1e15;  // pixels; exact as double and as integer
constexpr int kMostRounds = 8;     // one moves all four sides; the second finds them in place
constexpr std::int64_t kMargin = 2;

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
Pixel nearest_turn(const Pixel& pixel, const Pixel& centre, const std::optional<Pixel>& turn) {
  if (!turn) return pixel;
  const double length = turn->x * turn->x + turn->y * turn->y;
  const double along = (centre.x - pixel.x) * turn->x + (centre.y - pixel.y) * turn->y;
  const double turns = length > 0 ? std::nearbyint(along / length) : 0;
  return {pixel.x + turns * turn->x, pixel.y + turns * turn->y};
}

/// Includes all points that project; false when some do not.
bool include_circle(const SkyMap& map, const Cone& cone, double fraction, const Pixel& centre, Interval& x,
                    Interval& y) {
  bool complete = true;
  const auto turn = map.turn();
  for (const auto& found : map.pixels_of(circle(cone, fraction))) {
    complete = complete && found;
    if (!found) continue;
    const auto pixel = nearest_turn(*found, centre, turn);
    x.include(std::clamp(pixel.x, -kFarAway, kFarAway));
    y.include(std::clamp(pixel.y, -kFarAway, kFarAway));
  }
  return complete;
}

std::int64_t whole(double value) { return static_cast<std::int64_t>(value); }

/// A cone, and which pixels have their centre in it.
class Disc {
 public:
  Disc(const SkyMap& map, const Cone& cone) : map_(map), centre_(direction(cone.centre)) {
    const double half = std::sin(std::min(cone.radius.as_radians(), std::numbers::pi) / 2);
    chord_ = 4 * half * half * (1 + 1e-12);
  }

  bool holds_any_of(const std::vector<Pixel>& pixels) const {
    const auto positions = map_.positions_of(pixels);
    return std::ranges::any_of(positions, [this](const auto& position) { return position && is_within(*position); });
  }

 private:
  using Direction = std::array<double, 3>;

  static Direction direction(const IcrsPosition& at) {
    const double ra = at.ra.as_radians(), dec = at.dec.as_radians();
    return {std::cos(dec) * std::cos(ra), std::cos(dec) * std::sin(ra), std::sin(dec)};
  }

  /// By the chord, which keeps its digits where the cosine loses them.
  bool is_within(const IcrsPosition& position) const {
    const auto there = direction(position);
    double square = 0;
    for (std::size_t i = 0; i < 3; ++i) square += (there[i] - centre_[i]) * (there[i] - centre_[i]);
    return square <= chord_;
  }

  const SkyMap& map_;
  Direction centre_;
  double chord_;  ///< squared length of the chord to the cone's edge
};

/// The outermost of the lines 0 to `last` that `holds`, which follow each other from line 0 on: by steps that double,
/// from an estimate on, and by halving.
std::int64_t outermost(std::int64_t estimate, std::int64_t last, const std::function<bool(std::int64_t)>& holds) {
  std::int64_t good = 0, bad = last + 1;
  if (estimate == 0 || holds(estimate)) {
    good = estimate;
    for (std::int64_t step = 1; good < last && bad > last; step *= 2) {
      const auto next = std::min(good + step, last);
      (holds(next) ? good : bad) = next;
    }
  } else {
    bad = estimate;
    for (std::int64_t step = 1; good == 0 && bad > 1; step *= 2) {
      const auto next = std::max<std::int64_t>(bad - step, 0);
      if (next == 0) break;
      (holds(next) ? good : bad) = next;
    }
  }
  while (bad - good > 1) {
    const auto middle = good + (bad - good) / 2;
    (holds(middle) ? good : bad) = middle;
  }
  return good;
}

/// Whether `holds` for a piece of first to last: the pieces next to `middle`, where a disc touches a line, are asked
/// first.
bool any_piece_of(std::int64_t first, std::int64_t last, std::int64_t middle,
                  const std::function<bool(std::int64_t begin, std::int64_t end)>& holds) {
  constexpr std::int64_t kPiece = 32;
  auto below = std::clamp(middle - kPiece, first, last + 1), above = below;  // what lies between was asked
  while (below > first || above <= last) {
    if (above <= last) {
      const auto end = std::min(above + 2 * kPiece, last + 1);
      if (holds(std::exchange(above, end), end - 1)) return true;
    }
    if (below > first) {
      const auto begin = std::max(below - 2 * kPiece, first);
      if (holds(begin, std::exchange(below, begin) - 1)) return true;
    }
  }
  return false;
}

/// Moves the sides of a box that has the target in it to the outermost lines with a pixel in the disc.
class Fit {
 public:
  Fit(const Disc& disc, const PixelBox& image, const PixelBox& target, const PixelBox& estimate)
      : disc_(disc), image_(image), target_(target), box_(estimate) {}

  PixelBox fitted() {
    for (int round = 0; round < kMostRounds; ++round) {
      const auto before = box_;
      move(&PixelBox::x1, &PixelBox::y1, &PixelBox::y2, -1);
      move(&PixelBox::x2, &PixelBox::y1, &PixelBox::y2, 1);
      move(&PixelBox::y1, &PixelBox::x1, &PixelBox::x2, -1);
      move(&PixelBox::y2, &PixelBox::x1, &PixelBox::x2, 1);
      if (box_ == before) break;
    }
    return box_;
  }

 private:
  using Side = std::int64_t PixelBox::*;

  /// A side is at x1, say, and its line runs from y1 to y2 of the box and a little beyond.
  void move(Side side, Side from, Side to, std::int64_t outwards) {
    const auto first = std::max(box_.*from - kMargin, image_.*from);
    const auto last = std::min(box_.*to + kMargin, image_.*to);
    const bool is_column = side == &PixelBox::x1 || side == &PixelBox::x2;
    const auto start = target_.*side;
    const auto holds = [&](std::int64_t line) {
      const auto at = static_cast<double>(start + outwards * line);
      const auto pixel_at = [&](std::int64_t along) {
        const auto i = static_cast<double>(along);
        return is_column ? Pixel{at, i} : Pixel{i, at};
      };
      return any_piece_of(first, last, target_.*from, [&](std::int64_t begin, std::int64_t end) {
        std::vector<Pixel> pixels;
        pixels.reserve(static_cast<std::size_t>(end - begin + 1));
        for (auto i = begin; i <= end; ++i) pixels.push_back(pixel_at(i));
        return disc_.holds_any_of(pixels);
      });
    };
    box_.*side = start + outwards * outermost(std::abs(box_.*side - start), std::abs(image_.*side - start), holds);
  }

  const Disc& disc_;
  PixelBox image_, target_, box_;
};

PixelBox hull(const PixelBox& a, const PixelBox& b) {
  return {std::min(a.x1, b.x1), std::max(a.x2, b.x2), std::min(a.y1, b.y1), std::max(a.y2, b.y2)};
}

PixelBox clipped(const PixelBox& box, const PixelBox& image) {
  return {std::max(box.x1, image.x1), std::min(box.x2, image.x2), std::max(box.y1, image.y1),
          std::min(box.y2, image.y2)};
}

Error not_on_plate(std::string_view where) {
  return {ErrorKind::Rejected, fmt::format("the target is not on this plate: {}", where)};
}

}  // namespace

Pixel pixel_on_image(const SkyMap& map, const IcrsPosition& target, std::int64_t width, std::int64_t height) {
  const auto found = map.pixel_of(target);
  if (!found) throw not_on_plate("the plate's projection does not reach it");
  const Pixel middle{static_cast<double>(width) / 2, static_cast<double>(height) / 2};
  const auto pixel = nearest_turn(*found, middle, map.turn());
  const auto inside = [](double value, std::int64_t length) {
    return value >= 0.5 && value < static_cast<double>(length) + 0.5;
  };
  if (inside(pixel.x, width) && inside(pixel.y, height)) return pixel;
  throw not_on_plate(fmt::format("pixel ({:.1f}, {:.1f}) of {} x {}", pixel.x, pixel.y, width, height));
}

ConePixels pixels_of_cone(const SkyMap& map, const Cone& cone, std::int64_t width, std::int64_t height) {
  const auto centre = pixel_on_image(map, cone.centre, width, height);
  Interval x{centre.x, centre.x};
  Interval y{centre.y, centre.y};
  for (const double fraction : {1.0, 0.75, 0.5, 0.25, 0.125, 0.0625}) {
    if (include_circle(map, cone, fraction, centre, x, y)) break;
  }
  const auto column = std::clamp<std::int64_t>(whole(std::nearbyint(centre.x)), 1, width);
  const auto row = std::clamp<std::int64_t>(whole(std::nearbyint(centre.y)), 1, height);
  const PixelBox target{column, column, row, row};
  const PixelBox unclipped = hull(
      target, {whole(std::ceil(x.low)), whole(std::floor(x.high)), whole(std::ceil(y.low)), whole(std::floor(y.high))});
  const PixelBox image{1, width, 1, height};
  const Disc disc{map, cone};
  const auto box = Fit{disc, image, target, clipped(unclipped, image)}.fitted();
  const auto all = hull(unclipped, box);
  return {box, clipped(all, image) != all, all, centre};
}

}  // namespace platefs::vo
