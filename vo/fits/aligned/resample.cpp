// SPDX-License-Identifier: BSD-3-Clause
#include "vo/fits/aligned/resample.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numbers>

#include "vo/base/error.h"
#include "vo/fits/aligned/grid_map.h"
#include "vo/fits/aligned/pixel_plane.h"
#include "vo/fits/hdu/gzip_source.h"
#include "vo/fits/image.h"

namespace platefs::vo {
namespace {

constexpr int kReach = 3;     // of Lanczos-3
constexpr int kMargin = 4;    // pixels around what the grid takes, for the kernels
constexpr int kPhases = 512;  // places between two pixels for which weights are kept

using Weights = std::array<float, 2 * kReach>;

double sinc(double x) {
  const double angle = std::numbers::pi * x;
  return x == 0 ? 1 : std::sin(angle) / angle;
}

/// Weights of the six pixels around a place; their sum is 1, or flat sky would ripple.
Weights lanczos_weights(double part) {
  Weights weights{};
  double sum = 0;
  std::array<double, 2 * kReach> raw{};
  for (int k = 0; k < 2 * kReach; ++k) {
    const double distance = part - (k - kReach + 1);
    raw[static_cast<std::size_t>(k)] = std::abs(distance) < kReach ? sinc(distance) * sinc(distance / kReach) : 0;
    sum += raw[static_cast<std::size_t>(k)];
  }
  for (std::size_t k = 0; k < raw.size(); ++k) weights[k] = static_cast<float>(raw[k] / sum);
  return weights;
}

const std::array<Weights, kPhases + 1>& lanczos_table() {
  static const auto table = [] {
    std::array<Weights, kPhases + 1> made{};
    for (int i = 0; i <= kPhases; ++i) made[static_cast<std::size_t>(i)] = lanczos_weights(1.0 * i / kPhases);
    return made;
  }();
  return table;
}

/// Values of a plane at places between its pixels.
class Sampler {
 public:
  Sampler(const PixelPlane& plane, Kernel kernel) : plane_(plane), kernel_(kernel) {}

  float at(const Pixel& pixel) const {
    const auto place = plane_.place_of(pixel);
    const bool is_inside = place.x >= -0.5 && place.y >= -0.5 && place.x <= static_cast<double>(plane_.width) - 0.5 &&
                           place.y <= static_cast<double>(plane_.height) - 0.5;
    if (!is_inside) return kUndefined;  // NaN is not inside either
    if (kernel_ == Kernel::Lanczos3) {
      const float value = lanczos(place);
      if (!std::isnan(value)) return value;
    }
    return bilinear(place);
  }

 private:
  float bilinear(const Pixel& place) const {
    const double x = std::clamp(place.x, 0.0, static_cast<double>(plane_.width - 1));
    const double y = std::clamp(place.y, 0.0, static_cast<double>(plane_.height - 1));
    const auto x0 = static_cast<std::int64_t>(x), y0 = static_cast<std::int64_t>(y);
    const auto x1 = std::min(x0 + 1, plane_.width - 1), y1 = std::min(y0 + 1, plane_.height - 1);
    const auto u = static_cast<float>(x - static_cast<double>(x0)), v = static_cast<float>(y - static_cast<double>(y0));
    const float below = mixed(plane_.at(x0, y0), plane_.at(x1, y0), u);
    const float above = mixed(plane_.at(x0, y1), plane_.at(x1, y1), u);
    return mixed(below, above, v);
  }

  /// A neighbour without weight may be undefined.
  static float mixed(float a, float b, float part) { return part == 0 ? a : a + (b - a) * part; }

  float lanczos(const Pixel& place) const {
    const auto x0 = static_cast<std::int64_t>(std::floor(place.x)), y0 = static_cast<std::int64_t>(std::floor(place.y));
    const bool has_all =
        x0 >= kReach - 1 && y0 >= kReach - 1 && x0 + kReach < plane_.width && y0 + kReach < plane_.height;
    if (!has_all) return kUndefined;
    const auto& along = weights_of(place.x - static_cast<double>(x0));
    const auto& across = weights_of(place.y - static_cast<double>(y0));
    float sum = 0;
    for (int k = 0; k < 2 * kReach; ++k) {
      const float* row = plane_.values.data() + (y0 + k - kReach + 1) * plane_.width + x0 - kReach + 1;
      float part = 0;
      for (std::size_t i = 0; i < along.size(); ++i) part += along[i] * row[i];
      sum += across[static_cast<std::size_t>(k)] * part;
    }
    return sum;
  }

  static const Weights& weights_of(double part) {
    return lanczos_table()[static_cast<std::size_t>(std::lround(part * kPhases))];
  }

  const PixelPlane& plane_;
  Kernel kernel_;
};

/// The part of the image that the grid takes.
PixelBox section_of_nodes(const std::vector<Pixel>& nodes, const ImageShape& shape) {
  const auto nothing = Error{ErrorKind::Rejected, "nothing of the wanted field is on the image"};
  if (nodes.empty()) throw nothing;
  const auto [left, right] = std::ranges::minmax(nodes, {}, &Pixel::x);
  const auto [low, high] = std::ranges::minmax(nodes, {}, &Pixel::y);
  const auto clipped = [](double value, std::int64_t axis) {
    return static_cast<std::int64_t>(std::clamp(value, 1.0, static_cast<double>(axis)));
  };
  const auto width = shape.width(), height = shape.height();
  if (right.x < 0.5 || left.x > static_cast<double>(width) + 0.5) throw nothing;
  if (high.y < 0.5 || low.y > static_cast<double>(height) + 0.5) throw nothing;
  return {clipped(left.x - kMargin, width), clipped(right.x + kMargin, width), clipped(low.y - kMargin, height),
          clipped(high.y + kMargin, height)};
}

/// A row of the grid, where its pixels are larger than the plane's as means of four places in each.
class RowMaker {
 public:
  RowMaker(const GridMap& map, const Sampler& sampler, bool is_coarser)
      : map_(map), sampler_(sampler), is_coarser_(is_coarser) {}

  void append(int y, std::vector<float>& values) {
    map_.row(y, pixels_);
    if (!is_coarser_) {
      for (const auto& pixel : pixels_) values.push_back(sampler_.at(pixel));
      return;
    }
    map_.row(y > 1 ? y - 1 : y + 1, neighbours_);
    for (std::size_t i = 0; i < pixels_.size(); ++i) values.push_back(mean_around(i, y > 1 ? 1.0 : -1.0));
  }

 private:
  /// Four places, a quarter of the grid's step from the centre each way.
  float mean_around(std::size_t i, double sense) const {
    const auto& here = pixels_[i];
    const auto& beside = pixels_[i > 0 ? i - 1 : i + 1];
    const Pixel along{(here.x - beside.x) / 4, (here.y - beside.y) / 4};
    const Pixel across{sense * (here.x - neighbours_[i].x) / 4, sense * (here.y - neighbours_[i].y) / 4};
    float sum = 0;
    int count = 0;
    for (const double u : {-1.0, 1.0}) {
      for (const double v : {-1.0, 1.0}) {
        const float value = sampler_.at({here.x + u * along.x + v * across.x, here.y + u * along.y + v * across.y});
        if (std::isnan(value)) continue;
        sum += value;
        ++count;
      }
    }
    return count >= 2 ? sum / static_cast<float>(count) : kUndefined;
  }

  const GridMap& map_;
  const Sampler& sampler_;
  bool is_coarser_;
  std::vector<Pixel> pixels_, neighbours_;
};

Resampled of_plain(FitsSource& source, const SkyGrid& grid, Kernel kernel) {
  const auto image = find_image(source);
  const GridMap map{grid, SkyMap::from(image.header)};
  const double ratio = std::sqrt(map.area());
  Resampled result;
  result.header = image.header;
  result.area = map.area();
  result.round_trip = map.round_trip();
  result.interpolation_error = map.interpolation_error();
  result.section = section_of_nodes(map.known_nodes(), image.shape);
  const double most = static_cast<double>(std::min(result.section.width(), result.section.height()));
  result.binning = static_cast<int>(std::clamp(ratio + 1e-6, 1.0, most));
  const auto plane = pixel_plane(source, image, result.section, result.binning);
  result.section = plane.box;
  const Sampler sampler{plane, kernel};
  RowMaker rows{map, sampler, ratio / result.binning > 1.05};
  result.values.reserve(static_cast<std::size_t>(grid.size()) * static_cast<std::size_t>(grid.size()));
  for (int y = 1; y <= grid.size(); ++y) {
    if (y % 64 == 0) require_wanted(source);
    rows.append(y, result.values);
  }
  if (std::ranges::all_of(result.values, [](float value) { return std::isnan(value); })) {
    throw Error{ErrorKind::Rejected, "no pixel of the wanted field is defined"};
  }
  return result;
}

}  // namespace

std::string_view name_of(Kernel kernel) { return kernel == Kernel::Bilinear ? "bilinear" : "lanczos3"; }

std::optional<Kernel> kernel_named(std::string_view name) {
  for (const auto kernel : {Kernel::Bilinear, Kernel::Lanczos3}) {
    if (name == name_of(kernel)) return kernel;
  }
  return std::nullopt;
}

Resampled resampled(FitsSource& source, const SkyGrid& grid, Kernel kernel) {
  return with_plain(source, [&](FitsSource& plain) { return of_plain(plain, grid, kernel); });
}

}  // namespace platefs::vo
