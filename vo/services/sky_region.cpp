// SPDX-License-Identifier: BSD-3-Clause
#include "vo/services/sky_region.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <numbers>
#include <string>
#include <utility>
#include <vector>

#include "vo/services/great_circle.h"
#include "vo/services/sky_region_shape.h"

namespace platefs::vo {

namespace {

using Shape = SkyRegion::Shape;
using Kind = Shape::Kind;
using ShapePtr = std::shared_ptr<const Shape>;

constexpr std::size_t kLongestText = 64 * 1024;
constexpr int kDeepest = 16;
/// Rounding of what a service printed; far below a plate's pixel.
constexpr double kRounding = 1e-9;

// -- geometry

bool is_position(double ra, double dec) {
  return std::isfinite(ra) && std::isfinite(dec) && std::abs(dec) <= 90 + kRounding && std::abs(ra) <= 720;
}

IcrsPosition position_of(double ra, double dec) {
  const double turned = std::fmod(std::fmod(ra, 360) + 360, 360);
  return IcrsPosition::at(Angle::degrees(turned < 360 ? turned : 0), Angle::degrees(std::clamp(dec, -90.0, 90.0)));
}

double bearing(const IcrsPosition& from, const IcrsPosition& to) {
  const double difference = to.ra.as_radians() - from.ra.as_radians();
  const double dec = to.dec.as_radians(), from_dec = from.dec.as_radians();
  return std::atan2(std::sin(difference) * std::cos(dec),
                    std::cos(from_dec) * std::sin(dec) - std::sin(from_dec) * std::cos(dec) * std::cos(difference));
}

/// The place in the tangent plane at `centre`, as distance along east and north in degrees.
std::pair<double, double> offsets(const IcrsPosition& centre, const IcrsPosition& position) {
  const double distance = separation(centre, position).as_degrees();
  const double angle = bearing(centre, position);
  return {distance * std::sin(angle), distance * std::cos(angle)};
}

bool polygon_contains(const std::vector<double>& numbers, const IcrsPosition& position) {
  const auto place = unit_vector(position);
  const double nearly = Angle::degrees(kRounding).as_radians();
  std::vector<double> bearings;
  bearings.reserve(numbers.size() / 2);
  // Seen from a place as well as from its antipode, the vertices go round; the area is on the side of their centre.
  double towards = 0;
  for (std::size_t i = 0; i + 1 < numbers.size(); i += 2) {
    const auto vertex = position_of(numbers[i], numbers[i + 1]);
    const auto direction = unit_vector(vertex);
    if (std::hypot(direction[0] - place[0], direction[1] - place[1], direction[2] - place[2]) <= nearly) return true;
    for (std::size_t axis = 0; axis < place.size(); ++axis) towards += direction[axis] * place[axis];
    bearings.push_back(bearing(position, vertex));
  }
  if (towards <= 0) return false;
  double turned = 0;
  for (std::size_t i = 0; i < bearings.size(); ++i) {
    const double step = std::remainder(bearings[(i + 1) % bearings.size()] - bearings[i], 2 * std::numbers::pi);
    if (std::abs(std::abs(step) - std::numbers::pi) < kRounding) return true;  // on this edge
    turned += step;
  }
  return std::abs(turned) > std::numbers::pi;
}

bool range_contains(const std::vector<double>& numbers, const IcrsPosition& position) {
  const double ra = position.ra.as_degrees(), dec = position.dec.as_degrees();
  if (dec < numbers[2] - kRounding || dec > numbers[3] + kRounding) return false;
  const bool across_zero = numbers[0] > numbers[1];
  const bool from = ra >= numbers[0] - kRounding, to = ra <= numbers[1] + kRounding;
  return across_zero ? from || to : from && to;
}

bool ellipse_contains(const std::vector<double>& numbers, const IcrsPosition& position) {
  const auto [east, north] = offsets(position_of(numbers[0], numbers[1]), position);
  const double angle = Angle::degrees(numbers[4]).as_radians();
  const double along = east * std::sin(angle) + north * std::cos(angle);
  const double across = east * std::cos(angle) - north * std::sin(angle);
  return std::hypot(along / numbers[2], across / numbers[3]) <= 1 + kRounding;
}

bool is_in(const Shape& shape, const IcrsPosition& position) {
  const auto holds = [&](const ShapePtr& part) { return is_in(*part, position); };
  const auto& n = shape.numbers;
  switch (shape.kind) {
    case Kind::Circle:
      return separation(position_of(n[0], n[1]), position).as_degrees() <= n[2] + kRounding;
    case Kind::Polygon:
      return polygon_contains(n, position);
    case Kind::Box: {
      const auto [east, north] = offsets(position_of(n[0], n[1]), position);
      return std::abs(east) <= n[2] / 2 + kRounding && std::abs(north) <= n[3] / 2 + kRounding;
    }
    case Kind::Ellipse:
      return ellipse_contains(n, position);
    case Kind::Range:
      return range_contains(n, position);
    case Kind::Position:
      return false;
    case Kind::Union:
      return std::ranges::any_of(shape.parts, holds);
    case Kind::Intersection:
      return std::ranges::all_of(shape.parts, holds);
    case Kind::Not:
      return std::ranges::none_of(shape.parts, holds);
  }
  return false;
}

Angle distance_to_polygon(const std::vector<double>& numbers, const IcrsPosition& position) {
  auto nearest = Angle::degrees(180);
  for (std::size_t i = 0; i + 1 < numbers.size(); i += 2) {
    const auto next = (i + 2) % numbers.size();
    nearest = std::min(nearest, distance_to_arc(position, position_of(numbers[i], numbers[i + 1]),
                                                position_of(numbers[next], numbers[next + 1])));
  }
  return nearest;
}

std::optional<Angle> distance_to_edge_of(const Shape& shape, const IcrsPosition& position) {
  const auto& n = shape.numbers;
  if (shape.kind == Kind::Polygon) return distance_to_polygon(n, position);
  if (shape.kind == Kind::Circle) {
    return Angle::degrees(std::max(0.0, n[2] - separation(position_of(n[0], n[1]), position).as_degrees()));
  }
  if (shape.kind != Kind::Box) return std::nullopt;
  const auto [east, north] = offsets(position_of(n[0], n[1]), position);
  return Angle::degrees(std::max(0.0, std::min(n[2] / 2 - std::abs(east), n[3] / 2 - std::abs(north))));
}

/// The circle's centre or one of its edge is in the area: for shapes that have no better measure.
bool holds_some_of(const Shape& shape, const Cone& cone) {
  constexpr int kDirections = 72;
  if (is_in(shape, cone.centre)) return true;
  for (int i = 0; i < kDirections; ++i) {
    if (is_in(shape, offset(cone.centre, Angle::degrees(360.0 * i / kDirections), cone.radius))) return true;
  }
  return false;
}

bool range_meets(const Shape& shape, const Cone& cone) {
  const auto& n = shape.numbers;
  if (holds_some_of(shape, cone)) return true;
  for (const auto ra : {n[0], n[1]}) {
    for (const auto dec : {n[2], n[3]}) {
      const bool is_place = ra >= 0 && ra <= 360 && std::abs(dec) <= 90;
      if (is_place && separation(position_of(ra, dec), cone.centre) <= cone.radius) return true;
    }
  }
  return false;
}

bool is_met(const Shape& shape, const Cone& cone) {
  const auto meets = [&](const ShapePtr& part) { return is_met(*part, cone); };
  const auto& n = shape.numbers;
  const double radius = cone.radius.as_degrees();
  switch (shape.kind) {
    case Kind::Circle:
      return separation(position_of(n[0], n[1]), cone.centre).as_degrees() <= n[2] + radius + kRounding;
    case Kind::Polygon:
      return polygon_contains(n, cone.centre) || distance_to_polygon(n, cone.centre) <= cone.radius;
    case Kind::Box: {
      const auto [east, north] = offsets(position_of(n[0], n[1]), cone.centre);
      const double beside = std::max(0.0, std::abs(east) - n[2] / 2), above = std::max(0.0, std::abs(north) - n[3] / 2);
      return std::hypot(beside, above) <= radius + kRounding;
    }
    case Kind::Ellipse: {
      auto larger = n;
      larger[2] += radius;
      larger[3] += radius;
      return ellipse_contains(larger, cone.centre);
    }
    case Kind::Range:
      return range_meets(shape, cone);
    case Kind::Position:
      return separation(position_of(n[0], n[1]), cone.centre) <= cone.radius;
    case Kind::Union:
      return std::ranges::any_of(shape.parts, meets);
    case Kind::Intersection:
      return std::ranges::all_of(shape.parts, meets);
    case Kind::Not:
      return holds_some_of(shape, cone);
  }
  return false;
}

// -- text

/// A word in upper case, a number as written, "(" or ")".
std::vector<std::string> tokens_of(std::string_view text) {
  std::vector<std::string> tokens;
  std::string token;
  const auto end_token = [&] {
    if (!token.empty()) tokens.push_back(std::exchange(token, {}));
  };
  for (const char c : text) {
    if (c == '(' || c == ')') {
      end_token();
      tokens.emplace_back(1, c);
    } else if (c == ',' || static_cast<unsigned char>(c) <= ' ') {
      end_token();
    } else {
      token += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    }
  }
  end_token();
  return tokens;
}

std::optional<double> number_in(std::string_view token) {
  if (token.starts_with('+')) token.remove_prefix(1);
  double value = 0;
  const auto [end, failure] = std::from_chars(token.data(), token.data() + token.size(), value);
  if (failure != std::errc{} || end != token.data() + token.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

/// What STC-S says between a shape and its numbers, and changes nothing here.
bool is_without_effect(std::string_view word) {
  constexpr std::array kWords{"ICRS",        "FK5",        "J2000",      "UNKNOWNFRAME", "GEOCENTER",   "BARYCENTER",
                              "HELIOCENTER", "TOPOCENTER", "GALACTIC_C", "EMBARYCENTER", "RELOCATABLE", "UNKNOWNREFPOS",
                              "SPHERICAL2",  "SPHER2",     "UNITSPHER",  "CART2",        "UNKNOWN"};
  return std::ranges::find(kWords, word) != kWords.end();
}

std::optional<Kind> kind_of(std::string_view word) {
  constexpr std::array<std::pair<std::string_view, Kind>, 9> kKinds{{{"CIRCLE", Kind::Circle},
                                                                     {"POLYGON", Kind::Polygon},
                                                                     {"BOX", Kind::Box},
                                                                     {"ELLIPSE", Kind::Ellipse},
                                                                     {"RANGE", Kind::Range},
                                                                     {"POSITION", Kind::Position},
                                                                     {"UNION", Kind::Union},
                                                                     {"INTERSECTION", Kind::Intersection},
                                                                     {"NOT", Kind::Not}}};
  for (const auto& [name, kind] : kKinds) {
    if (name == word) return kind;
  }
  return std::nullopt;
}

bool is_combination(Kind kind) { return kind == Kind::Union || kind == Kind::Intersection || kind == Kind::Not; }

/// Are these the numbers that the form has, with places and sizes that exist?
bool is_sound(const Shape& shape) {
  const auto& n = shape.numbers;
  const auto has = [&](std::size_t count) { return n.size() == count && is_position(n[0], n[1]); };
  switch (shape.kind) {
    case Kind::Circle:
      return has(3) && n[2] >= 0 && n[2] <= 180;
    case Kind::Box:
      return has(4) && n[2] >= 0 && n[3] >= 0;
    case Kind::Ellipse:
      return has(5) && n[2] > 0 && n[3] > 0;
    case Kind::Range:
      return n.size() == 4 && n[2] <= n[3];
    case Kind::Position:
      return has(2);
    case Kind::Polygon: {
      if (n.size() < 6 || n.size() % 2 != 0) return false;
      for (std::size_t i = 0; i < n.size(); i += 2) {
        if (!is_position(n[i], n[i + 1])) return false;
      }
      return true;
    }
    case Kind::Union:
    case Kind::Intersection:
      return !shape.parts.empty();
    case Kind::Not:
      return shape.parts.size() == 1;
  }
  return false;
}

/// Reads tokens from left to right; every function returns nothing where the text is none of ours.
class RegionReader {
 public:
  explicit RegionReader(std::vector<std::string> tokens) : tokens_(std::move(tokens)) {}

  ShapePtr all() {
    if (!tokens_.empty() && number_in(tokens_.front())) return bare_numbers();
    Shape whole;
    while (at_ < tokens_.size()) {
      auto part = shape(0);
      if (!part) return nullptr;
      whole.parts.push_back(std::move(part));
    }
    return whole.parts.size() == 1 ? whole.parts.front() : checked(std::move(whole));
  }

 private:
  static ShapePtr checked(Shape shape) {
    return is_sound(shape) ? std::make_shared<const Shape>(std::move(shape)) : nullptr;
  }

  std::string_view peek() const { return at_ < tokens_.size() ? std::string_view(tokens_[at_]) : std::string_view{}; }
  bool skip(std::string_view token) {
    const bool is_there = peek() == token;
    if (is_there) ++at_;
    return is_there;
  }

  /// A DALI array without a name: three numbers are a circle, six and more a polygon.
  ShapePtr bare_numbers() {
    Shape shape;
    shape.numbers = numbers();
    shape.kind = shape.numbers.size() == 3 ? Kind::Circle : Kind::Polygon;
    return at_ == tokens_.size() ? checked(std::move(shape)) : nullptr;
  }

  std::vector<double> numbers() {
    std::vector<double> found;
    while (const auto number = number_in(peek())) {
      found.push_back(*number);
      ++at_;
    }
    return found;
  }

  ShapePtr shape(int depth) {
    const auto kind = kind_of(peek());
    if (!kind || depth > kDeepest) return nullptr;
    ++at_;
    while (is_without_effect(peek())) ++at_;
    Shape shape;
    shape.kind = *kind;
    if (!is_combination(*kind)) {
      shape.numbers = numbers();
      if (skip("UNIT") && !skip("DEG")) return nullptr;
      return checked(std::move(shape));
    }
    const bool is_bracketed = skip("(");
    if (!is_bracketed && *kind != Kind::Not) return nullptr;
    do {
      auto part = this->shape(depth + 1);
      if (!part) return nullptr;
      shape.parts.push_back(std::move(part));
    } while (is_bracketed && !peek().empty() && peek() != ")");
    if (is_bracketed && !skip(")")) return nullptr;
    return checked(std::move(shape));
  }

  std::vector<std::string> tokens_;
  std::size_t at_ = 0;
};

}  // namespace

std::optional<SkyRegion> SkyRegion::parse(std::string_view text) {
  if (text.size() > kLongestText) return std::nullopt;
  auto shape = RegionReader{tokens_of(text)}.all();
  if (!shape) return std::nullopt;
  return SkyRegion{std::move(shape)};
}

SkyRegion SkyRegion::circle(const IcrsPosition& centre, Angle diameter) {
  return SkyRegion{std::make_shared<const Shape>(
      Shape{Kind::Circle, {centre.ra.as_degrees(), centre.dec.as_degrees(), diameter.as_degrees() / 2}, {}})};
}

std::optional<Angle> SkyRegion::distance_to_edge(const IcrsPosition& position) const {
  return contains(position) ? distance_to_edge_of(*shape_, position) : std::nullopt;
}

bool SkyRegion::contains(const IcrsPosition& position) const { return is_in(*shape_, position); }

bool SkyRegion::meets(const Cone& cone) const { return is_met(*shape_, cone); }

}  // namespace platefs::vo
