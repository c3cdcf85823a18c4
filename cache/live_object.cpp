// SPDX-License-Identifier: BSD-3-Clause
#include "cache/live_object.h"

#include <algorithm>
#include <array>

namespace platefs::cache {

std::uint64_t granule_bytes(std::uint64_t file_size, std::uint64_t granule) {
  const auto first = granule * kGranuleSize;
  return first >= file_size ? 0 : std::min(kGranuleSize, file_size - first);
}

std::uint64_t granule_cost(std::uint64_t bytes) {
  constexpr std::uint64_t kDiskBlock = 4096;
  return (bytes + kDiskBlock - 1) / kDiskBlock * kDiskBlock;
}

std::vector<std::uint64_t> failing(const ObjectFile& file, std::uint64_t file_size,
                                   const std::vector<Unverified>& granules) {
  std::vector<std::uint64_t> bad;
  std::vector<std::byte> buffer(kGranuleSize);
  for (const auto& [granule, checksum] : granules) {
    const std::span bytes(buffer.data(), granule_bytes(file_size, granule));
    if (!file.read(granule * kGranuleSize, bytes) || checksum_of(bytes) != checksum) bad.push_back(granule);
  }
  return bad;
}

}  // namespace platefs::cache
