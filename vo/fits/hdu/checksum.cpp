// SPDX-License-Identifier: BSD-3-Clause
#include "vo/fits/hdu/checksum.h"

#include <fitsio.h>
#include <fmt/core.h>

#include <array>

namespace platefs::vo {
namespace {

constexpr auto kChecksumComment = "HDU checksum";

std::uint32_t word_at(std::span<const std::byte> bytes, std::size_t at) {
  std::uint32_t word = 0;
  for (std::size_t i = 0; i < 4; ++i) word = word << 8 | std::to_integer<std::uint32_t>(bytes[at + i]);
  return word;
}

std::uint32_t folded(std::uint64_t sum) {
  while (sum >> 32 != 0) sum = (sum & 0xffffffffu) + (sum >> 32);
  return static_cast<std::uint32_t>(sum);
}

std::string encoded_complement(std::uint32_t sum) {
  std::array<char, 17> ascii{};
  fits_encode_chksum(sum, 1, ascii.data());
  return {ascii.data(), 16};
}

}  // namespace

std::uint32_t fits_sum(std::span<const std::byte> bytes, std::uint32_t sum) {
  std::uint64_t total = sum;  // 32 bits of room for carries: enough for 16 GiB
  for (std::size_t at = 0; at + 4 <= bytes.size(); at += 4) total += word_at(bytes, at);
  return folded(total);
}

void set_checksums(FitsHeader& header, std::uint32_t data_sum) {
  header.set_text("CHECKSUM", std::string(16, '0'), kChecksumComment);
  header.set_text("DATASUM", fmt::format("{}", data_sum), "data unit checksum");
  const auto unit = header.serialised();
  const auto sum = fits_sum(std::as_bytes(std::span{unit}), data_sum);
  header.set_text("CHECKSUM", encoded_complement(sum), kChecksumComment);
}

}  // namespace platefs::vo
