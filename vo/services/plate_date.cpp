// SPDX-License-Identifier: BSD-3-Clause
#include "vo/services/plate_date.h"

#include <fmt/format.h>

#include "vo/base/mjd.h"

namespace platefs::vo {
namespace {

constexpr double kMjdOf1840 = -6895;  // the first photograph of the Moon is of that year
constexpr double kMjdOf1970 = 40587;  // Unix time 0
constexpr double kJdOfMjd = 2400000.5;

/// In words, where it is a plausible MJD once the usual offset is taken off.
std::string as_julian_date(double jd, double today) {
  const double mjd = jd - kJdOfMjd;
  if (mjd < kMjdOf1840 || mjd > today) return {};
  return fmt::format("; as a Julian date it would be {}", iso_date(mjd));
}

}  // namespace

std::string doubt_on_date(const Plate& plate, std::int64_t now) {
  const double today = kMjdOf1970 + static_cast<double>(now) / 86400 + 1;  // somewhere it is tomorrow
  if (plate.t_min_refused) {
    return fmt::format("t_min = {} is no date in MJD{}", *plate.t_min_refused,
                       as_julian_date(*plate.t_min_refused, today));
  }
  if (!plate.t_min) return {};
  const double mjd = *plate.t_min;
  if (mjd < kMjdOf1840) {
    return fmt::format("t_min = {} is {}: before there were photographs of the sky", mjd, iso_date(mjd));
  }
  if (mjd <= today) return {};
  return fmt::format("t_min = {} is {}: in the future{}", mjd, iso_date(mjd), as_julian_date(mjd, today));
}

}  // namespace platefs::vo
