// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <span>
#include <string>
#include <vector>

#include "vo/base/sky.h"

namespace platefs::demo {

/// An area of the sky within a chain of great circles, smaller than a hemisphere.
using Footprint = std::span<const vo::IcrsPosition>;

/// Whether `position` lies inside; exact but for rounding, wherever on the sphere.
bool contains(Footprint footprint, const vo::IcrsPosition& position);

/// Whether the circle around `centre` has a point in common with the area.
bool touches(Footprint footprint, const vo::IcrsPosition& centre, vo::Angle radius);

/// "Polygon ICRS ra dec ra dec …" in degrees (STC-S, as DaCHS writes it).
std::string stc_s(Footprint footprint);

}  // namespace platefs::demo
