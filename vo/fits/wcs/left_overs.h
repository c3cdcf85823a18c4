// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <vector>

#include "vo/fits/hdu/header.h"

namespace platefs::vo {

/// Leaves of a header's WCS descriptions what counts of them (distortion.h, linear.h), so that programs that
/// decide otherwise read the same place: SIP cards that no description applies, PVs that are none of its projection, PC
/// beside a CD matrix that counts (or the reverse) are removed, a CDELT of 0 beside CD, a plate fit of wcstools (CO1_1)
/// and records of no distortion (DP1) too, and CTYPE says what the distortion is: SCAMP's polynomial under the name of
/// TAN is called TPV, which all programs know, and a suffix -SIP without SIP is dropped. Of two spellings of an element
/// the one that counts stays, and PC01_01 is spelled PC1_1. All other cards stay as they are, and each pixel stays
/// where it is on the sky. Beside a primary description without SIP alternates with it are left out: SIP cards know no
/// letter, and astropy would apply them to the primary one. Descriptions that are read by nobody here (and the primary
/// one where a plate solution of the Digitized Sky Survey stands) are left alone. Returns what to tell in HISTORY.
std::vector<std::string> remove_left_overs(FitsHeader& header);

}  // namespace platefs::vo
