// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <vector>

#include "vo/base/sky.h"

namespace platefs::demo {

struct Star {
  vo::IcrsPosition position;
  double magnitude = 15;
};

/// The stars of an imagined sky within `radius` of a place: everywhere the same ones at every call,
/// some hundred per square degree, faint ones more than bright ones. Thread-safe.
std::vector<Star> stars_near(const vo::IcrsPosition& centre, vo::Angle radius);

}  // namespace platefs::demo
