// SPDX-License-Identifier: BSD-3-Clause
#include "cache/store/open_object.h"

#include <algorithm>
#include <span>
#include <utility>

namespace platefs::cache {

std::uint64_t granule_bytes(std::uint64_t file_size, std::uint64_t granule) {
  const auto first = granule * kGranuleSize;
  return first >= file_size ? 0 : std::min(kGranuleSize, file_size - first);
}

std::uint64_t granule_cost(std::uint64_t bytes) {
  constexpr std::uint64_t kDiskBlock = 4096;
  return (bytes + kDiskBlock - 1) / kDiskBlock * kDiskBlock;
}

namespace {

constexpr std::size_t kGranulesAtOnce = 16;  // 128 KiB: one call instead of many, and still in the CPU's cache

/// How many of the first `granules` lie one behind the other in the file.
std::size_t neighbours(std::span<const Unverified> granules) {
  std::size_t count = 1;
  while (count < std::min(granules.size(), kGranulesAtOnce) &&
         granules[count].granule == granules[count - 1].granule + 1) {
    ++count;
  }
  return count;
}

}  // namespace

std::vector<std::uint64_t> failing(const ObjectFile& file, std::uint64_t file_size,
                                   std::span<const Unverified> granules) {
  std::vector<std::uint64_t> bad;
  Buffer buffer(kGranulesAtOnce * kGranuleSize);
  for (auto rest = granules; !rest.empty();) {
    const auto some = rest.first(neighbours(rest));
    const auto first = some.front().granule * kGranuleSize;
    const auto size = some.back().granule * kGranuleSize + granule_bytes(file_size, some.back().granule) - first;
    const bool is_there = file.read(first, std::span(buffer).first(size));
    for (const auto& [granule, checksum] : some) {
      const auto bytes = std::span(buffer).subspan(granule * kGranuleSize - first, granule_bytes(file_size, granule));
      // A file cut short may still have those in front.
      const bool is_read = is_there || file.read(granule * kGranuleSize, bytes);
      if (!is_read || checksum_of(bytes) != checksum) bad.push_back(granule);
    }
    rest = rest.subspan(some.size());
  }
  return bad;
}

TestedBytes read_and_test(const ObjectFile& file, std::uint64_t file_size, vo::ByteRange range,
                          std::span<const Unverified> untested, BufferPool& pool) {
  TestedBytes result;
  for (auto at = range.first; at < range.end; at += BufferPool::kBufferSize) {
    auto buffer = pool.take();
    buffer.resize(std::min<std::uint64_t>(BufferPool::kBufferSize, range.end - at));
    if (!file.read(at, buffer)) return {{}, failing(file, file_size, untested)};
    // At once, while the bytes are in the CPU's cache.
    for (; !untested.empty(); untested = untested.subspan(1)) {
      const auto& [granule, checksum] = untested.front();
      const auto offset = granule * kGranuleSize - at;
      if (offset >= buffer.size()) break;
      const auto bytes = std::span(buffer).subspan(offset, granule_bytes(file_size, granule));
      if (checksum_of(bytes) != checksum) result.bad.push_back(granule);
    }
    result.pieces.push_back(pool.share(std::move(buffer)));
  }
  return result;
}

}  // namespace platefs::cache
