// SPDX-License-Identifier: BSD-3-Clause
#include "vo/fits/aligned/frame_bytes.h"

#include <bit>
#include <cstdint>

#include "vo/fits/hdu/header.h"

namespace platefs::vo {

std::vector<std::byte> big_endian(const std::vector<float>& values) {
  std::vector<std::byte> bytes;
  bytes.reserve(values.size() * 4 + kFitsBlock);
  for (const float value : values) {
    const auto bits = std::bit_cast<std::uint32_t>(value);
    for (const int shift : {24, 16, 8, 0}) bytes.push_back(static_cast<std::byte>(bits >> shift & 0xFFu));
  }
  bytes.resize((bytes.size() + kFitsBlock - 1) / kFitsBlock * kFitsBlock);
  return bytes;
}

}  // namespace platefs::vo
