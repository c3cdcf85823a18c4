// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>

#include "vo/base/sky.h"

namespace platefs::vo {

/// The direction as x towards (0°, 0°), y towards (90°, 0°), z towards the pole.
std::array<double, 3> unit_vector(const IcrsPosition& position);

/// How far a place is from the nearest point of the shorter great-circle arc between two others. Exact to rounding for
/// arcs of less than half a circle.
Angle distance_to_arc(const IcrsPosition& place, const IcrsPosition& from, const IcrsPosition& to);

}  // namespace platefs::vo
