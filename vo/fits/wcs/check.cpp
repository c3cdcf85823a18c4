// SPDX-License-Identifier: BSD-3-Clause
#include "vo/fits/wcs/check.h"

#include <fmt/core.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "vo/base/error.h"

namespace platefs::vo {
namespace {

constexpr double kFarScale = 4;          // times; projections and telescopes differ by less
constexpr double kSamePixel = 0.05;      // pixels
constexpr double kSteepest = 60;         // deg from the reference pixel: beyond, a projection's own scale is another
constexpr double kCurved = 10;           // deg of radius: beyond, a circle is no ellipse on the image
constexpr double kPlausiblePixel = 600;  // arcsec: a plate's pixel is smaller, unless its row says so
constexpr double kSameBinning = 0.03;    // of a ratio: scanner and solution differ by less
constexpr double kSlack = 4;             // pixels by which rounding and edges change a small box

Error contradiction(std::string_view what) {
  return {ErrorKind::Rejected, fmt::format("the plate's WCS contradicts {}", what)};
}

/// Degrees on the plane that touches the sky at the target, per pixel along x and along y.
struct Steps {
  double x_east = 0, x_north = 0, y_east = 0, y_north = 0;

  double width() const { return std::hypot(x_east, x_north); }
  double height() const { return std::hypot(y_east, y_north); }
  double longer() const { return std::max(width(), height()); }
  double shorter() const { return std::min(width(), height()); }
  double area() const { return std::abs(x_east * y_north - x_north * y_east); }
};

/// East and north of `from`, in degrees: for steps of a pixel.
std::pair<double, double> way(const IcrsPosition& from, const IcrsPosition& to) {
  const double turn = to.ra.as_radians() - from.ra.as_radians();
  const double sin_to = std::sin(to.dec.as_radians()), cos_to = std::cos(to.dec.as_radians());
  const double sin_from = std::sin(from.dec.as_radians()), cos_from = std::cos(from.dec.as_radians());
  const double east = cos_to * std::sin(turn), north = sin_to * cos_from - cos_to * sin_from * std::cos(turn);
  return {Angle::radians(east).as_degrees(), Angle::radians(north).as_degrees()};
}

Steps steps_at(const SkyMap& map, const Pixel& pixel) {
  const auto left = map.position_of({pixel.x - 0.5, pixel.y}), right = map.position_of({pixel.x + 0.5, pixel.y});
  const auto below = map.position_of({pixel.x, pixel.y - 0.5}), above = map.position_of({pixel.x, pixel.y + 0.5});
  if (!left || !right || !below || !above)
    throw contradiction("itself: the target's pixel has neighbours without a place");
  const auto [x_east, x_north] = way(*left, *right);
  const auto [y_east, y_north] = way(*below, *above);
  return {x_east, x_north, y_east, y_north};
}

bool is_far(double a, double b) { return !(a < kFarScale * b && b < kFarScale * a); }

/// A scale in arcsec that somebody tells, and who.
struct Told {
  double scale;
  std::string by;
  bool is_of_any_binning;
};

/// Of the longer axis: s_fov is that of a circle around the image.
std::vector<Told> told_scales(const ImageFacts& facts, const ImageSection& section) {
  const auto longer = static_cast<double>(std::max(facts.s_xel1.value_or(0), facts.s_xel2.value_or(0)));
  const auto here = static_cast<double>(std::max(section.width, section.height));
  const bool tells_binning = section.is_whole_plate && longer > 0;
  const double binning = tells_binning ? longer / here : 1;
  std::vector<Told> told;
  if (facts.s_pixel_scale.value_or(0) > 0)
    told.push_back(
        {*facts.s_pixel_scale * binning, fmt::format("s_pixel_scale = {}", *facts.s_pixel_scale), !tells_binning});
  if (facts.s_fov.value_or(0) > 0 && longer > 0) {
    told.push_back({*facts.s_fov * 3600 / longer * binning,
                    fmt::format("s_fov = {} with {} pixels", *facts.s_fov, longer), !tells_binning});
  }
  std::erase_if(told, [](const Told& each) { return !std::isfinite(each.scale) || each.scale <= 0; });
  return told;
}

bool is_another_binning(double found, double told) {
  const double ratio = std::max(found, told) / std::min(found, told);
  return std::ranges::any_of(std::array{8.0, 16.0, 32.0, 64.0},
                             [&](double binning) { return std::abs(ratio / binning - 1) < kSameBinning; });
}

bool agrees(const Steps& steps, const Told& told) {
  const double shorter = steps.shorter() * 3600, longer = steps.longer() * 3600;
  if (told.is_of_any_binning && is_another_binning(longer, told.scale)) return true;
  return !is_far(shorter, told.scale) || !is_far(longer, told.scale) || (shorter < told.scale && told.scale < longer);
}

void require_row(const Steps& steps, const std::vector<Told>& told) {
  if (told.empty() || std::ranges::any_of(told, [&](const Told& each) { return agrees(steps, each); })) return;
  std::string by;
  for (const auto& each : told) by += fmt::format("{}{}", by.empty() ? "" : ", ", each.by);
  throw contradiction(
      fmt::format("the archive's row: a pixel at the target is {:.4g} arcsec, but {}", steps.longer() * 3600, by));
}

void require_linear_part(const SkyMap& map, const Steps& steps, const IcrsPosition& target) {
  const auto reference = map.position_of(map.reference());
  if (!reference || separation(*reference, target).as_degrees() > kSteepest) return;
  const double linear = map.linear_scale().as_degrees();
  if (!is_far(steps.longer(), linear)) return;
  throw contradiction(fmt::format("itself: a pixel at the target is {:.4g} arcsec, but {:.4g} by the linear terms",
                                  steps.longer() * 3600, linear * 3600));
}

/// How far an ellipse reaches along an axis, cut by the image's edges.
double expected(double centre, double half, std::int64_t length) {
  return std::min(centre + half, static_cast<double>(length) + 0.5) - std::max(centre - half, 0.5);
}

void require_size(const Steps& steps, const Cone& cone, const ImageSection& section) {
  const double radius = cone.radius.as_degrees(), area = steps.area();
  if (radius > kCurved || !(area > 0)) return;
  const auto& target = section.cone.target;
  const double width = expected(target.x, radius * steps.height() / area, section.width);
  const double height = expected(target.y, radius * steps.width() / area, section.height);
  const auto fits = [](std::int64_t found, double wanted) {
    const auto pixels = static_cast<double>(found);
    return pixels < kFarScale * wanted + kSlack && wanted < kFarScale * pixels + kSlack;
  };
  const auto& box = section.cone.box;
  if (fits(box.width(), width) && fits(box.height(), height)) return;
  throw contradiction(
      fmt::format("itself: the region takes {} x {} pixels, but {:.0f} x {:.0f} at the scale of the target",
                  box.width(), box.height(), width, height));
}

void require_more_than_a_pixel(const Steps& steps, const Cone& cone, const ImageSection& section) {
  const auto& box = section.cone.box;
  const bool is_one = box.width() == 1 && box.height() == 1 && section.width * section.height > 1;
  if (!is_one || steps.shorter() * 3600 < kPlausiblePixel) return;
  throw contradiction(fmt::format("the region: a pixel is {:.4g} arcsec, and the radius {:.4g}", steps.longer() * 3600,
                                  cone.radius.as_arcseconds()));
}

}  // namespace

void require_plausible(const SkyMap& map, const Cone& cone, const ImageSection& section, const ImageFacts& facts) {
  const auto steps = steps_at(map, section.cone.target);
  const auto back = map.position_of(section.cone.target);
  if (!back || separation(*back, cone.centre).as_degrees() > kSamePixel * steps.longer()) {
    throw contradiction("itself: the target's pixel is at another place");
  }
  const auto told = told_scales(facts, section);
  require_row(steps, told);
  require_linear_part(map, steps, cone.centre);
  if (map.is_zenithal()) require_size(steps, cone, section);
  if (told.empty()) require_more_than_a_pixel(steps, cone, section);
}

}  // namespace platefs::vo
