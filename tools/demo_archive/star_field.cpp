// SPDX-License-Identifier: BSD-3-Clause
#include "tools/demo_archive/star_field.h"

#include <algorithm>
#include <cmath>

#include "tools/demo_archive/noise.h"

namespace platefs::demo {
namespace {

constexpr double kCell = 0.25;  // degrees, sides of the cells that the sky is dealt out in
constexpr double kStarsPerCell = 60;
constexpr double kBrightest = 8, kFaintest = 16;

/// Bands of declination, each in as many cells as fit around it.
int cells_around(int band) {
  const double dec = (band + 0.5) * kCell - 90;
  return std::max(1, static_cast<int>(std::cos(dec * 0.017453292519943295) * 360 / kCell));
}

/// Numbers of stars grow by a factor of three with each magnitude.
double magnitude_of(double u) {
  constexpr double kGrowth = 1.0986122886681098;  // ln 3
  const double low = std::exp(kGrowth * (kBrightest - kFaintest));
  return kFaintest + std::log(low + u * (1 - low)) / kGrowth;
}

void add_cell(std::vector<Star>& stars, int band, int cell, const vo::IcrsPosition& centre, vo::Angle radius) {
  Noise noise(static_cast<std::uint64_t>(band) * 100000 + static_cast<std::uint64_t>(cell));
  const double width = 360.0 / cells_around(band);
  for (int i = 0; i < kStarsPerCell; ++i) {
    const double ra = std::min((cell + noise.uniform()) * width, std::nextafter(360.0, 0.0));
    const double dec = std::min((band + noise.uniform()) * kCell - 90, 90.0);
    Star star{{vo::Angle::degrees(ra), vo::Angle::degrees(dec)}, magnitude_of(noise.uniform())};
    if (vo::separation(star.position, centre) <= radius) stars.push_back(star);
  }
}

}  // namespace

std::vector<Star> stars_near(const vo::IcrsPosition& centre, vo::Angle radius) {
  std::vector<Star> stars;
  const double dec = centre.dec.as_degrees(), r = radius.as_degrees();
  const int bands = static_cast<int>(180 / kCell);
  const int first = std::clamp(static_cast<int>((dec - r + 90) / kCell), 0, bands - 1);
  const int last = std::clamp(static_cast<int>((dec + r + 90) / kCell), 0, bands - 1);
  for (int band = first; band <= last; ++band) {
    const int around = cells_around(band);
    const double cell = 360.0 / around;
    // Near a pole the circle holds every right ascension.
    const double cosine = std::cos(std::min(std::abs(dec) + r, 90.0) * 0.017453292519943295);
    const double reach = cosine < 0.02 ? 360 : r / cosine;
    const int half = std::min(static_cast<int>(reach / cell) + 1, (around - 1) / 2 + 1);
    const int middle = static_cast<int>(centre.ra.as_degrees() / cell);
    const int count = std::min(2 * half + 1, around);
    for (int i = 0; i < count; ++i) {
      add_cell(stars, band, ((middle - half + i) % around + around) % around, centre, radius);
    }
  }
  return stars;
}

}  // namespace platefs::demo
