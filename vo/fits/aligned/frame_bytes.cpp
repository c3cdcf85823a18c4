// SPDX-License-Identifier: BSD-3-Clause
#include "vo/fits/aligned/frame_bytes.h"

#include <bit>
#include <cstdint>
#include <span>

#include "vo/fits/hdu/checksum.h"

namespace platefs::vo {
namespace {

/// The data unit: big-endian, zeros up to a whole block (FITS 4.0 section 5.3).
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

}  // namespace

std::vector<std::byte> frame_bytes(FitsHeader header, const std::vector<float>& values) {
  auto file = big_endian(values);
  set_checksums(header, fits_sum(file));
  const auto unit = header.serialised();
  const auto bytes = std::as_bytes(std::span{unit});
  file.insert(file.begin(), bytes.begin(), bytes.end());
  return file;
}

}  // namespace platefs::vo
