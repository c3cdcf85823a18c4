// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>

#include "vo/fits_header.h"

namespace platefs::vo {

/// The description of the first two axes as wcslib reads it correctly: printable cards without line
/// structure, and where wcslib 7.12 would misread a valid header, an equivalent one. The source
/// names the cases.
std::string cards_for_wcslib(const FitsHeader& header);

}  // namespace platefs::vo
