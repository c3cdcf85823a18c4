// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <optional>

#include "vo/fits/hdu/header.h"

namespace platefs::vo {

/// When one exposure was made, as an archive's table says: MJD in UTC, seconds. Without a fraction an MJD is a date.
struct ExposureTimes {
  std::optional<double> start, end;
  std::optional<double> seconds;
};

/// Makes the dates of a header one consistent set about that exposure: DATE-OBS, DATE-BEG, DATE-END, DATE-AVG, MJD-OBS,
/// MJD-BEG, MJD-END, MJD-AVG, TIMESYS, EXPTIME (FITS 4.0 section 9). A header's own date stays as it is written where
/// it is the exposure's (to a minute, to a day where it is a date alone). Missing, blank, undefined and impossible ones
/// are filled in (-BEG, -END and -AVG are removed then), and "17/05/90" of 1890 is spelled with its century. Where a
/// date of the header is another exposure's, the table's counts, and HISTORY keeps the header's. In a header that
/// counts time in another scale than UTC, DATE-OBS and MJD-OBS are filled from each other; the table's times count
/// where it has neither. Without a start only EXPTIME is filled.
void settle_dates(FitsHeader& header, const ExposureTimes& times);

/// The header's date is another exposure's: settle_dates would replace it.
bool are_dates_of_another_exposure(const FitsHeader& header, const ExposureTimes& times);

/// The MJD of a date as FITS headers have it: "1890-05-17", with "T06:00:00.5" behind; "17/05/90" is of 1890, 1990 or
/// another century, whichever is next to `near`. Empty for what is no date.
std::optional<double> mjd_of_date(std::string_view date, double near);

}  // namespace platefs::vo
