// SPDX-License-Identifier: BSD-3-Clause
#include "vo/fits/aligned/grid_map.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "vo/base/error.h"

namespace platefs::vo {
namespace {

constexpr int kWidestStep = 32, kClosestStep = 4;
constexpr double kGoodEnough = 0.02;  // pixels

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

Pixel between(const Pixel& a, const Pixel& b, double part) {
  return {a.x + (b.x - a.x) * part, a.y + (b.y - a.y) * part};
}

}  // namespace

GridMap::GridMap(const SkyGrid& grid, const SkyMap& map) : grid_(grid), step_(kWidestStep) {
  for (;; step_ /= 2) {
    find_nodes(map);
    interpolation_error_ = worst_interpolation(map);
    if (interpolation_error_ <= kGoodEnough || step_ <= kClosestStep) break;
  }
  measure_round_trip(map);
  measure_area(map);
}

void GridMap::find_nodes(const SkyMap& map) {
  along_ = (grid_.size() - 1 + step_ - 1) / step_ + 1;
  std::vector<IcrsPosition> positions;
  for (int row = 0; row < along_; ++row) {
    for (int column = 0; column < along_; ++column) {
      positions.push_back(grid_.position_of({coordinate(column), coordinate(row)}));
    }
  }
  nodes_ = map.pixels_of(positions);
}

double GridMap::worst_interpolation(const SkyMap& map) const {
  std::vector<IcrsPosition> positions;
  std::vector<Pixel> interpolated;
  for (int row = 0; row + 1 < along_; ++row) {
    for (int column = 0; column + 1 < along_; ++column) {
      const auto a = node(column, row), b = node(column + 1, row);
      const auto c = node(column, row + 1), d = node(column + 1, row + 1);
      if (!a || !b || !c || !d) continue;
      positions.push_back(grid_.position_of({coordinate(column) + step_ / 2.0, coordinate(row) + step_ / 2.0}));
      interpolated.push_back({(a->x + b->x + c->x + d->x) / 4, (a->y + b->y + c->y + d->y) / 4});
    }
  }
  double worst = 0;
  const auto exact = map.pixels_of(positions);
  for (std::size_t i = 0; i < exact.size(); ++i) {
    if (exact[i]) worst = std::max(worst, std::hypot(exact[i]->x - interpolated[i].x, exact[i]->y - interpolated[i].y));
  }
  return worst;
}

void GridMap::measure_round_trip(const SkyMap& map) {
  std::vector<Pixel> pixels;
  std::vector<IcrsPosition> positions;
  for (int row = 0; row < along_; ++row) {
    for (int column = 0; column < along_; ++column) {
      if (!node(column, row)) continue;
      pixels.push_back(*node(column, row));
      positions.push_back(grid_.position_of({coordinate(column), coordinate(row)}));
    }
  }
  const auto back = map.positions_of(pixels);
  for (std::size_t i = 0; i < back.size(); ++i) {
    if (back[i]) round_trip_ = std::max(round_trip_, separation(*back[i], positions[i]));
  }
}

void GridMap::measure_area(const SkyMap& map) {
  const double middle = grid_.reference();
  const std::vector<IcrsPosition> around{
      grid_.position_of({middle - 1, middle}), grid_.position_of({middle + 1, middle}),
      grid_.position_of({middle, middle - 1}), grid_.position_of({middle, middle + 1})};
  const auto at = map.pixels_of(around);
  if (!at[0] || !at[1] || !at[2] || !at[3]) throw Error{ErrorKind::Rejected, "the plate's solution ends at the target"};
  const Pixel right{(at[1]->x - at[0]->x) / 2, (at[1]->y - at[0]->y) / 2};
  const Pixel up{(at[3]->x - at[2]->x) / 2, (at[3]->y - at[2]->y) / 2};
  area_ = std::abs(right.x * up.y - right.y * up.x);
  if (!std::isfinite(area_) || area_ <= 0) throw Error{ErrorKind::Rejected, "the plate's solution has no scale"};
}

void GridMap::row(int y, std::vector<Pixel>& pixels) const {
  pixels.assign(static_cast<std::size_t>(grid_.size()), {kNan, kNan});
  const int below = std::min((y - 1) / step_, along_ - 2);
  const double height = (y - coordinate(below)) / step_;
  for (int column = 0; column + 1 < along_; ++column) {
    const auto a = node(column, below), b = node(column + 1, below);
    const auto c = node(column, below + 1), d = node(column + 1, below + 1);
    if (!a || !b || !c || !d) continue;
    const auto left = between(*a, *c, height), right = between(*b, *d, height);
    const int first = column * step_, last = std::min(first + step_, grid_.size() - 1);
    for (int x = first; x <= last; ++x) {
      pixels[static_cast<std::size_t>(x)] = between(left, right, static_cast<double>(x - first) / step_);
    }
  }
}

std::vector<Pixel> GridMap::known_nodes() const {
  std::vector<Pixel> known;
  for (const auto& place : nodes_) {
    if (place) known.push_back(*place);
  }
  return known;
}

}  // namespace platefs::vo
