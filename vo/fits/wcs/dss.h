// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string_view>

#include "vo/fits/hdu/header.h"

namespace platefs::vo {

/// Puts the plate solution of the Digitized Sky Survey (AMDX…, AMDY…, PPO…, PLT…, CNPIX…) into words that
/// wcslib understands: a gnomonic projection with the same polynomials as TPV. Such a solution replaces the
/// header's primary description; an incomplete one is removed, and with it cards that would be taken for one.
/// wcslib 7.12 knows the keywords, but takes mirrored scans for turned ones.
void describe_dss_as_tpv(FitsHeader& header);

/// A complete plate solution stands in the header.
bool has_dss_solution(const FitsHeader& header);
/// A keyword of such a solution; amateurs' software has some of them with a meaning of its own.
bool is_dss_card(std::string_view keyword);

}  // namespace platefs::vo
