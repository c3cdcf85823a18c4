// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>

namespace platefs::vo {

/// Times are Modified Julian Dates in UTC (ObsCore t_min, t_max), proleptic Gregorian, any year.

std::string iso_date(double mjd);  ///< "1890-05-17"
/// "1890-05-17T03:12:44"; a date alone when the MJD is integral, because then archives know no more.
std::string iso_datetime(double mjd);
double julian_year(double mjd);  ///< 2000.0 is MJD 51544.5
double unix_seconds(double mjd);
double mjd_of_unix(double seconds);

}  // namespace platefs::vo
