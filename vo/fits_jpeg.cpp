// SPDX-License-Identifier: BSD-3-Clause
#include "vo/fits_jpeg.h"

#include <cstdio>
#include <cstdlib>

#include <jpeglib.h>

namespace platefs::vo {
namespace {

constexpr int kQuality = 85;

/// libjpeg's state and the memory that it writes to.
class Compressor {
 public:
  Compressor(unsigned width, unsigned height) {
    state_.err = jpeg_std_error(&errors_);
    jpeg_create_compress(&state_);
    jpeg_mem_dest(&state_, &buffer_, &size_);
    state_.image_width = width;
    state_.image_height = height;
    state_.input_components = 1;
    state_.in_color_space = JCS_GRAYSCALE;
    jpeg_set_defaults(&state_);
    jpeg_set_quality(&state_, kQuality, TRUE);
  }
  ~Compressor() {
    jpeg_destroy_compress(&state_);
    std::free(buffer_);
  }
  Compressor(const Compressor&) = delete;
  Compressor& operator=(const Compressor&) = delete;

  std::vector<std::byte> compressed(std::vector<unsigned char> pixels) {
    jpeg_start_compress(&state_, TRUE);
    while (state_.next_scanline < state_.image_height) {
      JSAMPROW row = pixels.data() + std::size_t{state_.next_scanline} * state_.image_width;
      jpeg_write_scanlines(&state_, &row, 1);
    }
    jpeg_finish_compress(&state_);
    const auto* bytes = reinterpret_cast<const std::byte*>(buffer_);
    return {bytes, bytes + size_};
  }

 private:
  jpeg_compress_struct state_{};
  jpeg_error_mgr errors_{};
  unsigned char* buffer_ = nullptr;
  unsigned long size_ = 0;
};

}  // namespace

std::vector<std::byte> grey_jpeg(std::span<const unsigned char> pixels, unsigned width, unsigned height) {
  return Compressor{width, height}.compressed({pixels.begin(), pixels.end()});
}

}  // namespace platefs::vo
