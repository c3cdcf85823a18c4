// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace platefs::vo {

/// A picture in memory: rows from the top, a pixel is 0xRRGGBB. Value type.
struct Picture {
  int width = 0;
  int height = 0;
  std::vector<std::uint32_t> pixels;

  Picture() = default;
  Picture(int wide, int high, std::uint32_t colour)
      : width(wide), height(high), pixels(static_cast<std::size_t>(wide) * static_cast<std::size_t>(high), colour) {}
  std::uint32_t& at(int x, int y) { return pixels[static_cast<std::size_t>(y * width + x)]; }
  std::uint32_t at(int x, int y) const { return pixels[static_cast<std::size_t>(y * width + x)]; }
};

constexpr std::uint32_t grey(unsigned char level) { return level * std::uint32_t{0x010101}; }

std::vector<std::byte> jpeg_of(const Picture& picture);
Picture picture_of_jpeg(const std::vector<std::byte>& file);

}  // namespace platefs::vo
