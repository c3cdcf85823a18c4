// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <fmt/core.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "tests/support/fits_builder.h"
#include "vo/base/sky.h"
#include "vo/fits/hdu/header.h"
#include "vo/fits/wcs/sky_map.h"

namespace platefs::test {

/// Where the test's stars are, and how a plate sees them.
struct SkyPlate {
  vo::IcrsPosition target{vo::Angle::degrees(156.011), vo::Angle::degrees(48.148)};
  int width = 300, height = 280;
  double scale_arcsec = 3.6, rotation = 0;
  bool is_mirrored = false;
  double sky = 20000, grain = 300, depth = -9000;  ///< of the brightest star: below zero on a negative
  double sigma = 1.4;                              ///< pixels
  std::vector<vo::IcrsPosition> stars = {};        ///< the n-th has depth / (1 + n / 2)

  vo::FitsHeader header() const {
    const double angle = rotation * 0.017453292519943295, step = scale_arcsec / 3600, east = is_mirrored ? 1 : -1;
    vo::FitsHeader made;
    made.set_logical("SIMPLE", true);
    made.set_integer("BITPIX", -32);
    made.set_integer("NAXIS", 2);
    made.set_integer("NAXIS1", width);
    made.set_integer("NAXIS2", height);
    made.set_text("CTYPE1", "RA---TAN");
    made.set_text("CTYPE2", "DEC--TAN");
    made.set_real("CRVAL1", target.ra.as_degrees());
    made.set_real("CRVAL2", target.dec.as_degrees());
    made.set_real("CRPIX1", width / 2.0 + 3.3);
    made.set_real("CRPIX2", height / 2.0 - 5.8);
    made.set_real("CD1_1", east * step * std::cos(angle));
    made.set_real("CD1_2", east * step * -std::sin(angle));
    made.set_real("CD2_1", step * std::sin(angle));
    made.set_real("CD2_2", step * std::cos(angle));
    made.set_text("DATE-OBS", "1890-05-17");
    made.append_commentary("HISTORY", "Cutout of a plate");
    return made;
  }

  /// The file. The same arguments give the same bytes.
  std::string file() const {
    const auto cards = header();
    auto map = vo::SkyMap::from(cards);
    std::vector<double> values(static_cast<std::size_t>(width * height), sky);
    std::mt19937 engine(7);
    std::normal_distribution<double> noise(0, grain);
    if (grain > 0) {
      for (auto& value : values) value += noise(engine);
    }
    for (std::size_t n = 0; n < stars.size(); ++n)
      add(values, *map.pixel_of(stars[n]), depth / (1 + 0.5 * static_cast<double>(n)));
    return cards.serialised() + stored(values);
  }

  void add(std::vector<double>& values, const vo::Pixel& at, double peak) const {
    for (int y = 1; y <= height; ++y) {
      for (int x = 1; x <= width; ++x) {
        const double r2 = (x - at.x) * (x - at.x) + (y - at.y) * (y - at.y);
        if (r2 < 400)
          values[static_cast<std::size_t>((y - 1) * width + x - 1)] += peak * std::exp(-r2 / (2 * sigma * sigma));
      }
    }
  }

  static std::string stored(const std::vector<double>& values) {
    std::string data;
    for (const double value : values) data += stored_pixel(std::bit_cast<std::int32_t>(static_cast<float>(value)), 32);
    data.resize((data.size() + 2879) / 2880 * 2880, '\0');
    return data;
  }
};

/// Floats of a FITS file of one HDU.
inline std::vector<float> floats_of(const std::vector<std::byte>& file) {
  const auto begin = *vo::header_size(file);
  const auto header = vo::FitsHeader::parse(file);
  const auto count = static_cast<std::size_t>(*header.integer("NAXIS1") * *header.integer("NAXIS2"));
  std::vector<float> values;
  for (std::size_t i = 0; i < count; ++i) {
    std::uint32_t bits = 0;
    for (std::size_t k = 0; k < 4; ++k) bits = bits << 8 | std::to_integer<std::uint32_t>(file.at(begin + 4 * i + k));
    values.push_back(std::bit_cast<float>(bits));
  }
  return values;
}

}  // namespace platefs::test
