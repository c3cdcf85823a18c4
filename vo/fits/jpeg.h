// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace platefs::vo {

/// A grey JPEG of width x height pixels (1 to 65500 each), rows from the top. Throws Error{Rejected} when
/// libjpeg can make none.
std::vector<std::byte> grey_jpeg(std::span<const unsigned char> pixels, unsigned width, unsigned height);
/// The same in colour: red, green, blue of each pixel.
std::vector<std::byte> colour_jpeg(std::span<const unsigned char> pixels, unsigned width, unsigned height);

/// The pixels of a JPEG in the same form: red, green, blue, rows from the top.
struct ColourPixels {
  unsigned width = 0;
  unsigned height = 0;
  std::vector<unsigned char> pixels;
};
/// Throws Error{Malformed} for what is no JPEG, ends early, or has more than 2^24 pixels.
ColourPixels pixels_of_jpeg(std::span<const std::byte> file);

}  // namespace platefs::vo
