// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <optional>
#include <vector>

#include "vo/fits/aligned/sky_grid.h"
#include "vo/fits/wcs/sky_map.h"

namespace platefs::vo {

/// Where the pixels of a grid lie on a plate's image. The plate's own solution, whole (SIP, TPV, DSS, any projection),
/// is asked at nodes; between them the image coordinates are interpolated linearly each way, and the nodes are as close
/// as keeps the interpolation within 0.02 pixels of the solution at the middle of every mesh, where it is worst.
class GridMap {
 public:
  /// `map` is not needed afterwards.
  GridMap(const SkyGrid& grid, const SkyMap& map);

  /// The image pixels of one row of the grid (from 1); NaN where the solution has no value at a node beside it.
  void row(int y, std::vector<Pixel>& pixels) const;
  /// The nodes' pixels, of those that have one.
  std::vector<Pixel> known_nodes() const;

  /// The largest distance between interpolation and solution in the middle of a mesh, in pixels of the image.
  double interpolation_error() const { return interpolation_error_; }
  /// The largest distance of a node's position from where the solution puts the node's pixel.
  Angle round_trip() const { return round_trip_; }
  /// The area of a grid's pixel at the target, in pixels of the image.
  double area() const { return area_; }

 private:
  using Places = std::vector<std::optional<Pixel>>;
  void find_nodes(const SkyMap& map);
  /// In the middle of the meshes.
  double worst_interpolation(const SkyMap& map) const;
  void measure_round_trip(const SkyMap& map);
  void measure_area(const SkyMap& map);
  std::optional<Pixel> node(int column, int row) const {
    return nodes_[static_cast<std::size_t>(row * along_ + column)];
  }
  double coordinate(int node) const { return 1.0 + node * step_; }

  SkyGrid grid_;
  int step_;
  int along_ = 0;  ///< nodes each way
  Places nodes_;
  double interpolation_error_ = 0;
  Angle round_trip_ = Angle::degrees(0);
  double area_ = 1;
};

}  // namespace platefs::vo
