// SPDX-License-Identifier: BSD-3-Clause
#include "vo/fits/jpeg.h"

#include <fmt/core.h>
#include <jpeglib.h>

#include <array>
#include <csetjmp>
#include <cstdio>
#include <cstdlib>

#include "vo/base/error.h"

namespace platefs::vo {
namespace {

constexpr int kQuality = 85;

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

  std::vector<std::byte> compressed(std::vector<unsigned char> pixels, unsigned width, unsigned height) {
    if (!compress(pixels.data(), width, height)) {
      throw Error{ErrorKind::Rejected,
                  fmt::format("no JPEG of {} x {} pixels can be made: {}", width, height, failure_.reason.data())};
    }
    const auto* bytes = reinterpret_cast<const std::byte*>(buffer_);
    return {bytes, bytes + size_};
  }

 private:
  /// Nothing in here has a destructor: libjpeg leaves it by a jump when it fails.
  bool compress(unsigned char* pixels, unsigned width, unsigned height) {
    if (setjmp(failure_.way_out) != 0) return false;
    jpeg_create_compress(&state_);
    jpeg_mem_dest(&state_, &buffer_, &size_);
    state_.image_width = width;
    state_.image_height = height;
    state_.input_components = 1;
    state_.in_color_space = JCS_GRAYSCALE;
    jpeg_set_defaults(&state_);
    jpeg_set_quality(&state_, kQuality, TRUE);
    jpeg_start_compress(&state_, TRUE);
    while (state_.next_scanline < state_.image_height) {
      JSAMPROW row = pixels + std::size_t{state_.next_scanline} * state_.image_width;
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

}  // namespace

std::vector<std::byte> grey_jpeg(std::span<const unsigned char> pixels, unsigned width, unsigned height) {
  return Compressor{}.compressed({pixels.begin(), pixels.end()}, width, height);
}

}  // namespace platefs::vo
