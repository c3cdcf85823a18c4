// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <vector>

#include "tools/demo_archive/plate.h"

namespace platefs::demo {

/// Grey values of a scan, rows from south to north as in FITS; pixels.size() == width * height.
struct PlateImage {
  int width = 0, height = 0;
  std::vector<std::int16_t> pixels;
};

/// The scan of a plate: a negative, so the sky is bright and stars are dark and saturated; grain,
/// uneven fog, a scratch or two, and a star at the demo target whose brightness changes over the
/// decades. Same plate, same pixels. Thread-safe.
PlateImage scan_of(const Plate& plate);

/// `factor` x `factor` pixels averaged into one; what is left over at the right and top is dropped.
PlateImage binned(const PlateImage& image, int factor);

}  // namespace platefs::demo
