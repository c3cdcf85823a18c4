// SPDX-License-Identifier: BSD-3-Clause
#include "vo/base/mjd.h"

#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <cmath>

namespace platefs::vo {
namespace {

constexpr double kMjdOfUnixEpoch = 40587.0;
constexpr double kSecondsPerDay = 86400.0;
constexpr double kFirstDay = -678'575.0,
                 kLastDay = 2'973'483.0;  // years 1 and 9999: of four digits

std::string date_of(long day) {
  const std::chrono::year_month_day date{
      std::chrono::sys_days{std::chrono::days{day - static_cast<long>(kMjdOfUnixEpoch)}}};
  return fmt::format("{:04d}-{:02d}-{:02d}", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                     static_cast<unsigned>(date.day()));
}

double bounded(double mjd) { return std::isfinite(mjd) ? std::clamp(mjd, kFirstDay, kLastDay) : 0.0; }

}  // namespace

std::string iso_date(double mjd) { return date_of(static_cast<long>(std::floor(bounded(mjd)))); }

std::string iso_datetime(double mjd) {
  mjd = bounded(mjd);
  if (mjd == std::floor(mjd)) return iso_date(mjd);
  const auto seconds = std::llround(mjd * kSecondsPerDay);
  const auto day = static_cast<long>(std::floor(static_cast<double>(seconds) / kSecondsPerDay));
  const auto of_day = seconds - day * 86400LL;
  return fmt::format("{}T{:02d}:{:02d}:{:02d}", date_of(day), of_day / 3600, of_day / 60 % 60, of_day % 60);
}

double julian_year(double mjd) { return 2000.0 + (mjd - 51544.5) / 365.25; }
double unix_seconds(double mjd) { return (mjd - kMjdOfUnixEpoch) * kSecondsPerDay; }
double mjd_of_unix(double seconds) { return kMjdOfUnixEpoch + seconds / kSecondsPerDay; }

}  // namespace platefs::vo
