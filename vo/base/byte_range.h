// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <compare>
#include <cstdint>

namespace platefs::vo {

/// Bytes [first, end) of a file. Empty when first >= end.
struct ByteRange {
  std::uint64_t first = 0;
  std::uint64_t end = 0;

  constexpr std::uint64_t size() const { return end > first ? end - first : 0; }
  constexpr bool empty() const { return end <= first; }
  constexpr bool covers(const ByteRange& other) const {
    return other.empty() || (first <= other.first && other.end <= end);
  }
  constexpr bool overlaps(const ByteRange& other) const { return first < other.end && other.first < end; }
  constexpr ByteRange clipped_to(std::uint64_t file_size) const {
    return {std::min(first, file_size), std::min(end, file_size)};
  }

  friend constexpr auto operator<=>(const ByteRange&, const ByteRange&) = default;
};

}  // namespace platefs::vo
