// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <string_view>

#include "vo/fits_header.h"

namespace platefs::vo {

/// The description of the first two axes as wcslib reads it correctly: printable cards without line
/// structure, and where wcslib 7.12 would misread a valid header, an equivalent one. The source
/// names the cases.
std::string cards_for_wcslib(const FitsHeader& header);

/// Throws Error{Rejected} unless the equatorial coordinates of the description `alternative` (" "
/// or "A" to "Z") are ICRS or FK5 J2000. A header that says nothing is believed to be ICRS.
void require_known_frame(const FitsHeader& header, std::string_view alternative);

}  // namespace platefs::vo
