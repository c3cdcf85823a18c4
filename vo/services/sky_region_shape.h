// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <memory>
#include <vector>

#include "vo/services/sky_region.h"

namespace platefs::vo {

/// One node of the text: a simple shape with its numbers, or a combination of others.
struct SkyRegion::Shape {
  enum class Kind { Circle, Polygon, Box, Ellipse, Range, Position, Union, Intersection, Not };

  Kind kind = Kind::Union;
  std::vector<double> numbers;  ///< as the form states them, degrees
  std::vector<std::shared_ptr<const Shape>> parts;
};

}  // namespace platefs::vo
