// SPDX-License-Identifier: BSD-3-Clause
#include "fs/pages/plate_facts.h"

#include <fmt/format.h>

#include <cmath>

#include "vo/base/error.h"

namespace platefs::fs {

std::optional<vo::Angle> separation_from(const vo::Plate& plate, const vo::IcrsPosition& place) {
  if (!plate.s_ra || !plate.s_dec) return std::nullopt;
  try {
    return vo::separation(vo::IcrsPosition::at(vo::Angle::degrees(*plate.s_ra), vo::Angle::degrees(*plate.s_dec)),
                          place);
  } catch (const vo::Error&) {
    return std::nullopt;  // a centre off the sphere is nowhere
  }
}

std::string duration_text(double seconds) {
  if (seconds < 120) return fmt::format("{:.3g} s", seconds);
  if (seconds < 3 * 3600) return fmt::format("{:.3g} min", seconds / 60);
  return fmt::format("{:.3g} h", seconds / 3600);
}

std::string angle_text(vo::Angle angle) {
  if (angle < vo::Angle::arcminutes(1)) return fmt::format("{:.3g}″", angle.as_arcseconds());
  if (angle < vo::Angle::degrees(1)) return fmt::format("{:.3g}′", angle.as_arcminutes());
  return fmt::format("{:.3g}°", angle.as_degrees());
}

std::string sexagesimal_text(const vo::IcrsPosition& position) {
  // Counted in the last unit shown, so that no 60 appears.
  const auto tenths = std::llround(position.ra.as_degrees() * 36000 / 15) % (24 * 36000);
  const auto seconds = std::llround(std::fabs(position.dec.as_degrees()) * 3600);
  const char* sign = position.dec.as_degrees() < 0 ? "−" : "+";
  return fmt::format("{:02}h{:02}m{:02}.{}s {}{:02}°{:02}′{:02}″", tenths / 36000, tenths / 600 % 60, tenths / 10 % 60,
                     tenths % 10, sign, seconds / 3600, seconds / 60 % 60, seconds % 60);
}

}  // namespace platefs::fs
