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

/// Throws Error{Rejected} naming the first card of this description ("" or "A" to "Z") whose value
/// is NaN, infinite or otherwise no number where the standard wants one. wcslib would take it for
/// missing.
void require_numbers(const FitsHeader& header, std::string_view alternative);

}  // namespace platefs::vo
