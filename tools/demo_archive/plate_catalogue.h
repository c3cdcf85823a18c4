// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <vector>

#include "tools/demo_archive/plate.h"

namespace platefs::demo {

/// The place that most demo plates show.
vo::IcrsPosition demo_target();
/// The place that plates of three exposures show, each exposure in another place of the plate.
vo::IcrsPosition thrice_exposed_target();
/// The place that the plates of `many_plates` show.
vo::IcrsPosition crowded_target();

/// The plates of the demo archive: 1888 to 1989, of every kind of collection and peculiarity, more
/// than 40 over demo_target(), some elsewhere.
std::vector<Plate> demo_plates();

/// `count` small plates over crowded_target() that are drawn when asked for.
std::vector<Plate> many_plates(int count);

}  // namespace platefs::demo
