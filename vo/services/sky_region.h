// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "vo/base/sky.h"

namespace platefs::vo {

/// An area of the sky as services write it into s_region (ObsCore 1.1 section B.6.1.2): STC-S (Polygon, Circle,
/// Box, Ellipse, Position, Union, Intersection, Not; any case, with or without frame, reference position and flavour;
/// shapes one behind the other are a union), DALI 1.1 section 3.3 ("circle 10 20 1", "polygon …", "range …", or the
/// numbers alone). Degrees; ICRS, and FK5 or J2000, which lie within 0.1 arc second of it. An immutable value,
/// thread-safe.
class SkyRegion {
 public:
  /// Nothing: no text of these forms, another frame, or more than is reasonable (64 KiB, 16 levels).
  static std::optional<SkyRegion> parse(std::string_view text);

  /// A circle by its diameter, which is all that s_fov tells.
  static SkyRegion circle(const IcrsPosition& centre, Angle diameter);

  /// Edges are great circles and belong to the area, which is smaller than a hemisphere.
  bool contains(const IcrsPosition& position) const;

  /// The area and the circle have a place in common. Of an ellipse, a range, an intersection and a complement a circle
  /// that only touches them may be taken for one that does.
  bool meets(const Cone& cone) const;

  /// From a place inside to the nearest edge, of circles, polygons and boxes alone. Nothing for other forms, and for a
  /// place that is not inside.
  std::optional<Angle> distance_to_edge(const IcrsPosition& position) const;

  /// A circle that holds all of it; nothing where that would be a hemisphere or more, or is not known.
  struct Bounds {
    IcrsPosition centre;
    Angle radius;  ///< may be 0
  };
  std::optional<Bounds> bounds() const;

  struct Shape;

 private:
  explicit SkyRegion(std::shared_ptr<const Shape> shape) : shape_(std::move(shape)) {}
  std::shared_ptr<const Shape> shape_;
};

}  // namespace platefs::vo
