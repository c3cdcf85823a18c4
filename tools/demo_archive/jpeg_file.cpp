// SPDX-License-Identifier: BSD-3-Clause
// Writes previews with libjpeg.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include <jpeglib.h>

#include "tools/demo_archive/plate_files.h"

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

class Compressor {
 public:
  Compressor(int width, int height) {
    state_.err = jpeg_std_error(&errors_);
    jpeg_create_compress(&state_);
    jpeg_mem_dest(&state_, &buffer_, &size_);
    state_.image_width = static_cast<JDIMENSION>(width);
    state_.image_height = static_cast<JDIMENSION>(height);
    state_.input_components = 1;
    state_.in_color_space = JCS_GRAYSCALE;
    jpeg_set_defaults(&state_);
    jpeg_set_quality(&state_, 80, TRUE);
  }
  ~Compressor() {
    jpeg_destroy_compress(&state_);
    std::free(buffer_);
  }
  Compressor(const Compressor&) = delete;
  Compressor& operator=(const Compressor&) = delete;

  std::string compress(std::vector<unsigned char> grey) {
    jpeg_start_compress(&state_, TRUE);
    while (state_.next_scanline < state_.image_height) {
      JSAMPROW row = grey.data() + static_cast<std::size_t>(state_.next_scanline) * state_.image_width;
      jpeg_write_scanlines(&state_, &row, 1);
    }
    jpeg_finish_compress(&state_);
    return {reinterpret_cast<const char*>(buffer_), size_};
  }

 private:
  jpeg_compress_struct state_{};
  jpeg_error_mgr errors_{};
  unsigned char* buffer_ = nullptr;
  unsigned long size_ = 0;
};

}  // namespace

std::string jpeg_file(const PlateImage& image, int longest) {
  const int factor = std::max(1, (std::max(image.width, image.height) + longest - 1) / longest);
  const auto small = binned(image, factor);
  return Compressor(small.width, small.height).compress(grey_rows(small));
}

}  // namespace platefs::demo
