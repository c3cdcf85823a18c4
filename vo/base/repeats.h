// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace platefs::vo {

/// Places among `values`, ascending, whose value stands at another place, too. With hashes for values it tells cheaply
/// which few of many keys have to be compared at all.
inline std::vector<std::size_t> places_of_repeated(const std::vector<std::uint64_t>& values) {
  auto sorted = values;
  std::ranges::sort(sorted);
  std::vector<std::uint64_t> repeated;
  for (std::size_t i = 1; i < sorted.size(); ++i) {
    if (sorted[i] == sorted[i - 1]) repeated.push_back(sorted[i]);
  }
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < values.size() && !repeated.empty(); ++i) {
    if (std::ranges::binary_search(repeated, values[i])) places.push_back(i);
  }
  return places;
}

}  // namespace platefs::vo
