// SPDX-License-Identifier: BSD-3-Clause
#include "vo/fits/aligned/sky_grid.h"

#include <fmt/core.h>

#include <array>
#include <cmath>

#include "vo/base/error.h"

namespace platefs::vo {
namespace {

constexpr double kLargestRadiusDegrees = 30;
constexpr double kMostPixels = 1200;
constexpr double kFinest = 0.5;  // arc seconds

void require_small(const Cone& cone) {
  if (cone.radius.as_degrees() <= kLargestRadiusDegrees) return;
  throw Error{ErrorKind::Rejected, fmt::format("an image of radius {:g} degrees, more than {:g}, is not aligned",
                                               cone.radius.as_degrees(), kLargestRadiusDegrees)};
}

/// Decimals alone, so that the card shows the number that was meant.
double nice_scale(double diameter_arcsec) {
  constexpr std::array kSteps{1.0, 1.5, 2.0, 3.0, 5.0, 7.0};
  if (diameter_arcsec / kFinest <= kMostPixels) return kFinest;
  for (double decade = 1;; decade *= 10) {
    for (const double step : kSteps) {
      if (diameter_arcsec / (step * decade) <= kMostPixels) return step * decade;
    }
  }
}

}  // namespace

SkyGrid SkyGrid::of_frames(const Cone& cone) {
  require_small(cone);
  const double radius = cone.radius.as_arcseconds();
  // What rounds to 1200.0000001 is 1200.
  const double scale = nice_scale(2 * radius * (1 - 1e-9));
  const int half = static_cast<int>(std::ceil(radius / scale - 1e-6));
  return {cone.centre, 2 * half + 1, Angle::arcseconds(scale)};
}

SkyGrid SkyGrid::of_pictures(const Cone& cone, int size) {
  require_small(cone);
  return {cone.centre, size, Angle::degrees(2 * cone.radius.as_degrees() / size)};
}

IcrsPosition SkyGrid::position_of(const Pixel& pixel) const {
  const double step = pixel_.as_radians();
  const double east = -(pixel.x - reference()) * step, north = (pixel.y - reference()) * step;
  const double sin_centre = std::sin(centre_.dec.as_radians()), cos_centre = std::cos(centre_.dec.as_radians());
  const double depth = cos_centre - north * sin_centre;
  const double ra = centre_.ra.as_degrees() + Angle::radians(std::atan2(east, depth)).as_degrees();
  const double dec = std::atan2(sin_centre + north * cos_centre, std::hypot(east, depth));
  const double turned = std::fmod(ra + 360, 360);
  return {Angle::degrees(turned >= 360 ? 0 : turned), Angle::radians(dec)};
}

std::optional<Pixel> SkyGrid::pixel_of(const IcrsPosition& position) const {
  const double turn = position.ra.as_radians() - centre_.ra.as_radians();
  const double sin_centre = std::sin(centre_.dec.as_radians()), cos_centre = std::cos(centre_.dec.as_radians());
  const double sin_here = std::sin(position.dec.as_radians()), cos_here = std::cos(position.dec.as_radians());
  const double depth = sin_centre * sin_here + cos_centre * cos_here * std::cos(turn);
  if (depth < 1e-9) return std::nullopt;
  const double east = cos_here * std::sin(turn) / depth;
  const double north = (cos_centre * sin_here - sin_centre * cos_here * std::cos(turn)) / depth;
  const double step = pixel_.as_radians();
  return Pixel{reference() - east / step, reference() + north / step};
}

void SkyGrid::describe(FitsHeader& header) const {
  header.set_integer("WCSAXES", 2, "axes of the coordinates");
  header.set_text("CTYPE1", "RA---TAN", "gnomonic projection");
  header.set_text("CTYPE2", "DEC--TAN", "gnomonic projection");
  header.set_text("CUNIT1", "deg");
  header.set_text("CUNIT2", "deg");
  header.set_real("CRVAL1", centre_.ra.as_degrees(), "[deg] the target");
  header.set_real("CRVAL2", centre_.dec.as_degrees(), "[deg] the target");
  header.set_real("CRPIX1", reference(), "the middle pixel");
  header.set_real("CRPIX2", reference(), "the middle pixel");
  header.set_real("CD1_1", -pixel_.as_degrees(), "[deg] east is left");
  header.set_real("CD1_2", 0.0);
  header.set_real("CD2_1", 0.0);
  header.set_real("CD2_2", pixel_.as_degrees(), "[deg] north is up");
  header.set_text("RADESYS", "ICRS");
}

}  // namespace platefs::vo
