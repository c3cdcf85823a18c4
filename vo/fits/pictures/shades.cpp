// SPDX-License-Identifier: BSD-3-Clause
#include "vo/fits/pictures/shades.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string>

#include "vo/base/ascii.h"

namespace platefs::vo {
namespace {

constexpr int kCell = 24;          // pixels: larger than a star, smaller than vignetting
constexpr double kOfMad = 1.4826;  // standard deviations in a median absolute deviation
constexpr float kStandsOut = 5;    // times the noise
constexpr float kDeepest = 40;     // a saturated star weighs no more
constexpr int kFewestPixels = 4;   // of a star
constexpr double kMostElongated = 3, kEmptiest = 0.35;
constexpr double kFewestStars = 2 * 5;  // two faint ones
constexpr double kClearly = 1.5;        // times the weight of the other side
constexpr double kBelowSky = 3.5, kSoftness = 6, kLeastTop = 15, kMostTop = 60;

/// Reorders its argument; NaN for none.
float median_of(std::vector<float>& values) {
  if (values.empty()) return std::numeric_limits<float>::quiet_NaN();
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

float percentile(std::vector<float>& values, double part) {
  const auto place = static_cast<std::ptrdiff_t>(part * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), values.begin() + place, values.end());
  return values[static_cast<std::size_t>(place)];
}

/// What is left of each value without the median of its cell.
std::vector<float> local_residuals(std::span<const float> values, int size) {
  std::vector<float> residuals(values.begin(), values.end());
  std::vector<float> cell;
  const auto index = [size](int x, int y) { return static_cast<std::size_t>(y * size + x); };
  for (int top = 0; top < size; top += kCell) {
    for (int left = 0; left < size; left += kCell) {
      const int bottom = std::min(top + kCell, size), right = std::min(left + kCell, size);
      cell.clear();
      for (int y = top; y < bottom; ++y) {
        for (int x = left; x < right; ++x) {
          if (!std::isnan(values[index(x, y)])) cell.push_back(values[index(x, y)]);
        }
      }
      const float level = median_of(cell);
      for (int y = top; y < bottom; ++y) {
        for (int x = left; x < right; ++x) residuals[index(x, y)] -= level;
      }
    }
  }
  return residuals;
}

double noise_of(const std::vector<float>& residuals) {
  std::vector<float> sizes;
  for (const float value : residuals) {
    if (!std::isnan(value)) sizes.push_back(std::abs(value));
  }
  const double noise = kOfMad * static_cast<double>(median_of(sizes));
  if (noise > 0) return noise;
  // More than half of the values are one number: what is not tells.
  std::erase(sizes, 0.0F);
  return sizes.empty() ? 1.0 : std::max(static_cast<double>(median_of(sizes)), 1e-30);
}

/// Groups of neighbouring pixels that stand out to one side.
class StarCount {
 public:
  StarCount(const std::vector<float>& residuals, int size, double noise, float sense)
      : residuals_(residuals),
        size_(size),
        least_(kStandsOut * static_cast<float>(noise)),
        sense_(sense),
        noise_(static_cast<float>(noise)),
        is_seen_(residuals.size(), false) {}

  double weight() {
    double sum = 0;
    for (std::size_t i = 0; i < residuals_.size(); ++i) {
      if (stands_out(i)) sum += weight_of_group(i);
    }
    return sum;
  }

 private:
  bool stands_out(std::size_t i) const { return !is_seen_[i] && sense_ * residuals_[i] > least_; }

  double weight_of_group(std::size_t first) {
    int count = 0, left = size_, right = 0, top = size_, bottom = 0;
    float deepest = 0;
    std::vector<std::size_t> waiting{first};
    is_seen_[first] = true;
    while (!waiting.empty()) {
      const auto i = waiting.back();
      waiting.pop_back();
      const int x = static_cast<int>(i) % size_, y = static_cast<int>(i) / size_;
      ++count;
      left = std::min(left, x), right = std::max(right, x);
      top = std::min(top, y), bottom = std::max(bottom, y);
      deepest = std::max(deepest, sense_ * residuals_[i]);
      add_neighbours(x, y, waiting);
    }
    const double width = right - left + 1, height = bottom - top + 1;
    const bool is_compact =
        std::max(width, height) <= kMostElongated * std::min(width, height) && count >= kEmptiest * width * height;
    if (count < kFewestPixels || !is_compact) return 0;
    return static_cast<double>(std::min(deepest / noise_, kDeepest));
  }

  void add_neighbours(int x, int y, std::vector<std::size_t>& waiting) {
    for (int v = std::max(y - 1, 0); v <= std::min(y + 1, size_ - 1); ++v) {
      for (int u = std::max(x - 1, 0); u <= std::min(x + 1, size_ - 1); ++u) {
        const auto i = static_cast<std::size_t>(v * size_ + u);
        if (!stands_out(i)) continue;
        is_seen_[i] = true;
        waiting.push_back(i);
      }
    }
  }

  const std::vector<float>& residuals_;
  int size_;
  float least_, sense_, noise_;
  std::vector<bool> is_seen_;
};

double skewness(const std::vector<float>& residuals, double noise) {
  double sum = 0, count = 0;
  for (const float value : residuals) {
    if (std::isnan(value)) continue;
    const double z = std::clamp(static_cast<double>(value) / noise, -5.0, 5.0);
    sum += z * z * z;
    count += 1;
  }
  return count > 0 ? sum / count : 0;
}

void find_polarity(Sky& sky, const std::vector<float>& residuals, int size, std::optional<Polarity> told) {
  const double bright = StarCount{residuals, size, sky.noise, 1}.weight();
  const double dark = StarCount{residuals, size, sky.noise, -1}.weight();
  const double more = std::max(bright, dark), fewer = std::min(bright, dark);
  sky.has_stars = more >= kFewestStars && more > kClearly * fewer;
  if (!sky.has_stars && told) {
    sky.polarity = *told;
  } else if (more >= kFewestStars) {
    sky.polarity = bright > dark ? Polarity::StarsAreBright : Polarity::StarsAreDark;
  } else {
    sky.polarity = skewness(residuals, sky.noise) > 0.1 ? Polarity::StarsAreBright : Polarity::StarsAreDark;
  }
}

double sense_of(const Sky& sky) { return sky.polarity == Polarity::StarsAreBright ? 1 : -1; }

}  // namespace

std::optional<Polarity> polarity_named(std::string_view word) {
  const auto text = lower_case(word);
  const auto has = [&text](std::string_view part) { return text.find(part) != std::string::npos; };
  const bool is_negative = has("negative") || has("dark"), is_positive = has("positive") || has("bright");
  if (is_negative == is_positive) return std::nullopt;
  return is_negative ? Polarity::StarsAreDark : Polarity::StarsAreBright;
}

Sky sky_of(std::span<const float> values, int size, int step, std::optional<Polarity> told) {
  std::vector<float> taken, defined;
  for (int y = step / 2; y < size; y += step) {
    for (int x = step / 2; x < size; x += step) {
      taken.push_back(values[static_cast<std::size_t>(y * size + x)]);
      if (!std::isnan(taken.back())) defined.push_back(taken.back());
    }
  }
  if (defined.empty()) return step > 1 ? sky_of(values, size, 1, told) : Sky{};
  const int side = (size - step / 2 + step - 1) / step;
  Sky sky;
  sky.median = static_cast<double>(median_of(defined));
  const auto residuals = local_residuals(taken, side);
  sky.noise = noise_of(residuals);
  find_polarity(sky, residuals, side, told);
  return sky;
}

std::vector<std::optional<unsigned char>> shades_of(std::span<const float> values, const Sky& sky) {
  std::vector<float> heights, defined;
  heights.reserve(values.size());
  for (const float value : values) {
    heights.push_back(static_cast<float>(sense_of(sky) * (static_cast<double>(value) - sky.median) / sky.noise));
    if (!std::isnan(value)) defined.push_back(heights.back());
  }
  const double top = std::clamp(static_cast<double>(percentile(defined, 0.999)), kLeastTop, kMostTop);
  const double full = std::asinh((top + kBelowSky) / kSoftness);
  // asinh for a quarter of a million pixels takes longer than all else: a table of it does not.
  constexpr int kSteps = 4096;
  std::array<unsigned char, kSteps + 1> table{};
  for (int i = 0; i <= kSteps; ++i) {
    const double height = (top + kBelowSky) * i / kSteps;
    table[static_cast<std::size_t>(i)] =
        static_cast<unsigned char>(std::lround(255 * std::asinh(height / kSoftness) / full));
  }
  const auto step = static_cast<float>(kSteps / (top + kBelowSky));
  std::vector<std::optional<unsigned char>> shades;
  shades.reserve(values.size());
  for (const float height : heights) {
    if (std::isnan(height)) {
      shades.emplace_back(std::nullopt);
    } else {
      const float place = std::clamp((height + static_cast<float>(kBelowSky)) * step, 0.0F, static_cast<float>(kSteps));
      shades.emplace_back(table[static_cast<std::size_t>(place)]);
    }
  }
  return shades;
}

}  // namespace platefs::vo
