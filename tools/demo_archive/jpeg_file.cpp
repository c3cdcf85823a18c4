// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <vector>

#include "tools/demo_archive/plate_files.h"
#include "vo/fits/jpeg.h"

namespace platefs::demo {
namespace {

/// Grey values as JPEG counts them, first row on top: FITS begins at the bottom.
std::vector<unsigned char> grey_rows(const PlateImage& image) {
  std::vector<unsigned char> grey;
  grey.reserve(image.pixels.size());
  for (int y = image.height - 1; y >= 0; --y) {
    for (int x = 0; x < image.width; ++x) {
      const int value = image.pixels[static_cast<std::size_t>(y) * static_cast<std::size_t>(image.width) +
                                     static_cast<std::size_t>(x)];
      grey.push_back(static_cast<unsigned char>(std::clamp(value / 110, 0, 255)));
    }
  }
  return grey;
}

}  // namespace

std::string jpeg_file(const PlateImage& image, int longest) {
  const int factor = std::max(1, (std::max(image.width, image.height) + longest - 1) / longest);
  const auto small = binned(image, factor);
  const auto file =
      vo::grey_jpeg(grey_rows(small), static_cast<unsigned>(small.width), static_cast<unsigned>(small.height));
  return {reinterpret_cast<const char*>(file.data()), file.size()};
}

}  // namespace platefs::demo
