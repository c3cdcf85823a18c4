// SPDX-License-Identifier: BSD-3-Clause
#include "vo/services/place_condition.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <regex>

namespace platefs::vo {
namespace {

/// Shortest decimals that give the number back, without an exponent: not every dialect reads one.
std::string decimal(double value) {
  auto text = fmt::format("{}", value);
  if (text.find('e') != std::string::npos) text = fmt::format("{:.17f}", value);
  return text;
}

/// Rows within the largest field of `position`, in RA as far as the meridians leave it a meaning, and of these those
/// whose own field may reach there: s_fov is a diameter, and a corner is farther than half of it.
std::string box(const IcrsPosition& position, Angle reach, Angle largest_half_field) {
  const double farthest = largest_half_field.as_degrees() + reach.as_degrees();
  const double ra = position.ra.as_degrees(), dec = position.dec.as_degrees();
  const double low = std::max(dec - farthest, -90.0), high = std::min(dec + farthest, 90.0);
  auto text = fmt::format("s_dec BETWEEN {} AND {}", decimal(low), decimal(high));
  const double sine = std::sin(Angle::degrees(farthest).as_radians()) / std::cos(position.dec.as_radians());
  if (farthest < 90 && std::abs(sine) < 1 && low > -90 && high < 90) {
    const double half = Angle::radians(std::asin(sine)).as_degrees();
    const double from = ra - half, to = ra + half;
    if (from < 0) {
      text += fmt::format(" AND (s_ra >= {} OR s_ra <= {})", decimal(from + 360), decimal(to));
    } else if (to > 360) {
      text += fmt::format(" AND (s_ra >= {} OR s_ra <= {})", decimal(from), decimal(to - 360));
    } else {
      text += fmt::format(" AND s_ra BETWEEN {} AND {}", decimal(from), decimal(to));
    }
  }
  return text + fmt::format(" AND (s_fov IS NULL OR s_dec BETWEEN {} - s_fov AND {} + s_fov)",
                            decimal(dec - reach.as_degrees()), decimal(dec + reach.as_degrees()));
}

/// The area that `region` is compared with: a point, or the circle around it.
std::string compared(std::string_view ra, std::string_view dec, std::string_view region, Angle reach) {
  if (reach.as_degrees() > 0) {
    return fmt::format("1 = INTERSECTS(CIRCLE('ICRS', {}, {}, {}), {})", ra, dec, decimal(reach.as_degrees()), region);
  }
  return fmt::format("1 = CONTAINS(POINT('ICRS', {}, {}), {})", ra, dec, region);
}

}  // namespace

std::string place_condition(PlaceForm form, const IcrsPosition& position, Angle reach, Angle largest_half_field) {
  if (form == PlaceForm::Box) return box(position, reach, largest_half_field);
  const auto region =
      compared(decimal(position.ra.as_degrees()), decimal(position.dec.as_degrees()), "s_region", reach);
  if (form == PlaceForm::Region) return region;
  return fmt::format("({} OR (s_region IS NULL AND {}))", region, box(position, reach, largest_half_field));
}

std::string place_condition_of_join(PlaceForm form, std::string_view plates, std::string_view ra, std::string_view dec,
                                    Angle reach) {
  const auto region = compared(ra, dec, fmt::format("{}.s_region", plates), reach);
  if (form == PlaceForm::Region) return region;
  const auto more = reach.as_degrees() > 0 ? fmt::format(" {}", decimal(reach.as_degrees())) : std::string{};
  const auto less = more.empty() ? more : " -" + more;
  return fmt::format("({0} OR ({1}.s_region IS NULL AND {1}.s_dec BETWEEN {2} - {1}.s_fov{3} AND {2} + {1}.s_fov{4}))",
                     region, plates, dec, less, more.empty() ? more : " +" + more);
}

bool is_refusal_of_geometry(const Error& refusal) {
  if (refusal.kind() != ErrorKind::Rejected) return false;
  static const std::regex words{"contains|intersects|s_region|spoint|spoly|geometr|region|polygon|point|operator",
                                std::regex::icase};
  return std::regex_search(refusal.message(), words);
}

}  // namespace platefs::vo
