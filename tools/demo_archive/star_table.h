// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string_view>

#include "tools/demo_archive/obscore_table.h"

namespace platefs::demo {

inline constexpr std::string_view kStarTable = "demo.stars";

/// The catalogue of the imagined sky around the places that demo plates show: star, ra, dec (ICRS, deg), mag.
/// Immutable.
ObscoreTable star_table();

}  // namespace platefs::demo
