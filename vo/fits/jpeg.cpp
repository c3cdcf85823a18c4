// SPDX-License-Identifier: BSD-3-Clause
#include "vo/fits/jpeg.h"

#include <fmt/core.h>
#include <jpeglib.h>

#include <array>
#include <csetjmp>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "vo/base/error.h"

namespace platefs::vo {
namespace {

constexpr int kQuality = 85;
constexpr std::uint64_t kMostPixels = std::uint64_t{1} << 24;

/// How libjpeg, whose own handler ends the process, tells that it can't go on.
struct Failure {
  jpeg_error_mgr errors{};  // first: libjpeg knows this by its address
  std::jmp_buf way_out{};
  std::array<char, JMSG_LENGTH_MAX> reason{};
};

[[noreturn]] void fail(j_common_ptr state) {
  auto* failure = reinterpret_cast<Failure*>(state->err);
  (*state->err->format_message)(state, failure->reason.data());
  std::longjmp(failure->way_out, 1);
}

void say_nothing(j_common_ptr) {}

/// libjpeg's state and the memory that it writes to.
class Compressor {
 public:
  Compressor() {
    state_.err = jpeg_std_error(&failure_.errors);
    failure_.errors.error_exit = fail;
    failure_.errors.output_message = say_nothing;
  }
  ~Compressor() {
    jpeg_destroy_compress(&state_);
    std::free(buffer_);
  }
  Compressor(const Compressor&) = delete;
  Compressor& operator=(const Compressor&) = delete;

  std::vector<std::byte> compressed(std::span<const unsigned char> pixels, unsigned width, unsigned height, int parts) {
    // libjpeg takes pixels as if it might change them.
    if (!compress(const_cast<unsigned char*>(pixels.data()), width, height, parts)) {
      throw Error{ErrorKind::Rejected,
                  fmt::format("no JPEG of {} x {} pixels can be made: {}", width, height, failure_.reason.data())};
    }
    const auto* bytes = reinterpret_cast<const std::byte*>(buffer_);
    return {bytes, bytes + size_};
  }

 private:
  /// Nothing in here has a destructor: libjpeg leaves it by a jump when it fails.
  bool compress(unsigned char* pixels, unsigned width, unsigned height, int parts) {
    if (setjmp(failure_.way_out) != 0) return false;
    jpeg_create_compress(&state_);
    jpeg_mem_dest(&state_, &buffer_, &size_);
    state_.image_width = width;
    state_.image_height = height;
    state_.input_components = parts;
    state_.in_color_space = parts == 1 ? JCS_GRAYSCALE : JCS_RGB;
    jpeg_set_defaults(&state_);
    jpeg_set_quality(&state_, kQuality, TRUE);
    jpeg_start_compress(&state_, TRUE);
    while (state_.next_scanline < state_.image_height) {
      JSAMPROW row = pixels + std::size_t{state_.next_scanline} * state_.image_width * static_cast<unsigned>(parts);
      jpeg_write_scanlines(&state_, &row, 1);
    }
    jpeg_finish_compress(&state_);
    return true;
  }

  jpeg_compress_struct state_{};
  Failure failure_;
  unsigned char* buffer_ = nullptr;
  unsigned long size_ = 0;
};

class Decompressor {
 public:
  Decompressor() {
    state_.err = jpeg_std_error(&failure_.errors);
    failure_.errors.error_exit = fail;
    failure_.errors.output_message = say_nothing;
  }
  ~Decompressor() { jpeg_destroy_decompress(&state_); }
  Decompressor(const Decompressor&) = delete;
  Decompressor& operator=(const Decompressor&) = delete;

  ColourPixels decompressed(std::span<const std::byte> file) {
    if (!begin(file)) throw unreadable(failure_.reason.data());
    if (std::uint64_t{state_.image_width} * state_.image_height > kMostPixels) throw unreadable("it is too large");
    ColourPixels image{state_.image_width, state_.image_height, {}};
    image.pixels.resize(std::size_t{image.width} * image.height * 3);
    if (!read(image.pixels.data())) throw unreadable(failure_.reason.data());
    if (state_.err->num_warnings > 0) throw unreadable("it is damaged");
    return image;
  }

 private:
  static Error unreadable(std::string_view reason) {
    return {ErrorKind::Malformed, fmt::format("no JPEG that can be read: {}", reason)};
  }
  // As in Compressor, nothing in these has a destructor.
  bool begin(std::span<const std::byte> file) {
    if (setjmp(failure_.way_out) != 0) return false;
    jpeg_create_decompress(&state_);
    jpeg_mem_src(&state_, reinterpret_cast<const unsigned char*>(file.data()), file.size());
    jpeg_read_header(&state_, TRUE);
    return true;
  }
  bool read(unsigned char* pixels) {
    if (setjmp(failure_.way_out) != 0) return false;
    state_.out_color_space = JCS_RGB;
    jpeg_start_decompress(&state_);
    while (state_.output_scanline < state_.output_height) {
      JSAMPROW row = pixels + std::size_t{state_.output_scanline} * state_.output_width * 3;
      jpeg_read_scanlines(&state_, &row, 1);
    }
    jpeg_finish_decompress(&state_);
    return true;
  }

  jpeg_decompress_struct state_{};
  Failure failure_;
};

}  // namespace

std::vector<std::byte> grey_jpeg(std::span<const unsigned char> pixels, unsigned width, unsigned height) {
  return Compressor{}.compressed(pixels, width, height, 1);
}

std::vector<std::byte> colour_jpeg(std::span<const unsigned char> pixels, unsigned width, unsigned height) {
  return Compressor{}.compressed(pixels, width, height, 3);
}

ColourPixels pixels_of_jpeg(std::span<const std::byte> file) { return Decompressor{}.decompressed(file); }

}  // namespace platefs::vo
