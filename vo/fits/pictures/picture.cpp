// SPDX-License-Identifier: BSD-3-Clause
#include "vo/fits/pictures/picture.h"

#include "vo/fits/jpeg.h"

namespace platefs::vo {

std::vector<std::byte> jpeg_of(const Picture& picture) {
  std::vector<unsigned char> bytes;
  bytes.reserve(picture.pixels.size() * 3);
  for (const auto colour : picture.pixels) {
    for (const int shift : {16, 8, 0}) bytes.push_back(static_cast<unsigned char>(colour >> shift & 0xFFu));
  }
  return colour_jpeg(bytes, static_cast<unsigned>(picture.width), static_cast<unsigned>(picture.height));
}

Picture picture_of_jpeg(const std::vector<std::byte>& file) {
  const auto read = pixels_of_jpeg(file);
  Picture picture{static_cast<int>(read.width), static_cast<int>(read.height), 0};
  for (std::size_t i = 0; i < picture.pixels.size(); ++i) {
    const auto* part = read.pixels.data() + 3 * i;
    picture.pixels[i] = (std::uint32_t{part[0]} << 16) | (std::uint32_t{part[1]} << 8) | part[2];
  }
  return picture;
}

}  // namespace platefs::vo
