// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <vector>

#include "fs/tree/target_name.h"
#include "vo/tables/star_sequence.h"

namespace platefs::fs {

/// target.reg: a DS9 region file with the target as a cross, the cutouts' circle, and comparison stars with their
/// letters and magnitudes, in ICRS.
std::string region_text(const Target& target, const std::vector<vo::ComparisonStar>& stars = {});

}  // namespace platefs::fs
