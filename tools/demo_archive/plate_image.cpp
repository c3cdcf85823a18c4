// SPDX-License-Identifier: BSD-3-Clause
#include "tools/demo_archive/plate_image.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numbers>
#include <string_view>

#include "tools/demo_archive/noise.h"
#include "tools/demo_archive/plate_catalogue.h"
#include "tools/demo_archive/star_field.h"

namespace platefs::demo {
namespace {

constexpr float kSky = 24000, kGrain = 700, kDarkest = 1500;

/// Seeds must be the same on every machine, which std::hash does not promise (FNV-1a).
std::uint64_t seed_of(std::string_view id) {
  std::uint64_t hash = 0xCBF29CE484222325ull;
  for (const char c : id) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3ull;
  return hash;
}

/// Between 10.5 and 13.5 within some decades, a few flickers on top.
double variable_star_magnitude(double mjd) {
  const double years = mjd / 365.25;
  return 12 + std::sin(2 * std::numbers::pi * years / 31) + 0.5 * std::sin(2 * std::numbers::pi * years / 3.7);
}

class Scan {
 public:
  explicit Scan(const Plate& plate) : plate_(plate), noise_(seed_of(plate.id)), light_(pixel_count(), 0.0F) {}

  PlateImage take() {
    expose();
    PlateImage image{plate_.width, plate_.height, std::vector<std::int16_t>(pixel_count())};
    develop(image);
    scratch(image);
    return image;
  }

 private:
  std::size_t pixel_count() const {
    return static_cast<std::size_t>(plate_.width) * static_cast<std::size_t>(plate_.height);
  }

  /// Light of all stars that may fall on the plate, once for each exposure.
  void expose() {
    for (const auto& exposure : plate_.exposures()) expose(exposure);
  }

  void expose(const Exposure& exposure) {
    const vo::Pixel middle{plate_.width / 2.0, plate_.height / 2.0};
    const auto centre = exposure.solution.position_of(middle);
    const auto radius =
        vo::Angle::degrees(exposure.solution.scale_degrees * (std::hypot(plate_.width, plate_.height) / 2 + 30));
    for (const auto& star : stars_near(centre, radius)) add_star(star, exposure.solution);
    add_star({demo_target(), variable_star_magnitude(exposure.t_min.value_or(20000))}, exposure.solution);
  }

  void add_star(const Star& star, const PlateSolution& solution) {
    if (vo::separation(star.position, solution.centre).as_degrees() > 20) return;
    const auto at = solution.pixel_of(star.position);
    const double width = 1.3;
    const auto peak = static_cast<float>(std::pow(10.0, 0.4 * (15.0 - star.magnitude)));
    const int reach = std::clamp(static_cast<int>(2 * width * std::sqrt(std::log(peak * 50 + 2))) + 1, 3, 24);
    const int x0 = static_cast<int>(std::lround(at.x)) - 1, y0 = static_cast<int>(std::lround(at.y)) - 1;
    for (int y = std::max(0, y0 - reach); y <= std::min(plate_.height - 1, y0 + reach); ++y) {
      for (int x = std::max(0, x0 - reach); x <= std::min(plate_.width - 1, x0 + reach); ++x) {
        const double dx = x + 1 - at.x, dy = y + 1 - at.y;
        light_[index(x, y)] += peak * static_cast<float>(std::exp(-(dx * dx + dy * dy) / (2 * width * width)));
      }
    }
  }

  /// Density grows with the logarithm of the light and ends at the darkest that emulsion gets.
  void develop(PlateImage& image) {
    const double tilt_x = (noise_.uniform() - 0.5) * 4000, tilt_y = (noise_.uniform() - 0.5) * 4000;
    for (int y = 0; y < plate_.height; ++y) {
      const double v = static_cast<double>(y) / plate_.height - 0.5;
      for (int x = 0; x < plate_.width; ++x) {
        const double u = static_cast<double>(x) / plate_.width - 0.5;
        const auto fog = static_cast<float>(tilt_x * u + tilt_y * v - 6000 * (u * u + v * v));
        const float light = light_[index(x, y)];
        const float transmission = light > 0.01F ? 1 / (1 + light) : 1;
        const float value =
            (kSky + fog - kDarkest) * transmission + kDarkest + kGrain * static_cast<float>(noise_.grain());
        image.pixels[index(x, y)] = static_cast<std::int16_t>(std::clamp(value, 0.0F, 32000.0F));
      }
    }
  }

  /// Light shines through where the emulsion is scratched.
  void scratch(PlateImage& image) {
    for (int n = 0; n < 2; ++n) {
      double x = noise_.uniform() * plate_.width, y = noise_.uniform() * plate_.height;
      const double direction = noise_.uniform() * 2 * std::numbers::pi;
      for (int step = 0; step < 80; ++step, x += std::cos(direction), y += std::sin(direction)) {
        const int px = static_cast<int>(x), py = static_cast<int>(y);
        if (px < 0 || py < 0 || px >= plate_.width || py >= plate_.height) continue;
        image.pixels[index(px, py)] = 31000;
      }
    }
  }

  std::size_t index(int x, int y) const {
    return static_cast<std::size_t>(y) * static_cast<std::size_t>(plate_.width) + static_cast<std::size_t>(x);
  }

  const Plate& plate_;
  Noise noise_;
  std::vector<float> light_;
};

}  // namespace

PlateImage scan_of(const Plate& plate) { return Scan(plate).take(); }

PlateImage binned(const PlateImage& image, int factor) {
  PlateImage result{image.width / factor, image.height / factor, {}};
  for (int y = 0; y < result.height; ++y) {
    for (int x = 0; x < result.width; ++x) {
      int sum = 0;
      for (int v = 0; v < factor; ++v) {
        const auto row = static_cast<std::size_t>(y * factor + v) * static_cast<std::size_t>(image.width);
        for (int u = 0; u < factor; ++u) sum += image.pixels[row + static_cast<std::size_t>(x * factor + u)];
      }
      result.pixels.push_back(static_cast<std::int16_t>(sum / (factor * factor)));
    }
  }
  return result;
}

}  // namespace platefs::demo
