// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>

namespace platefs::demo {

/// Numbers that look random and are the same everywhere for one seed (splitmix64): the generators of
/// the standard are, its distributions are not.
class Noise {
 public:
  explicit Noise(std::uint64_t seed) : state_(seed) {}

  std::uint64_t bits() {
    state_ += 0x9E3779B97F4A7C15ull;
    auto z = state_;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
    return z ^ (z >> 31);
  }
  /// In [0, 1).
  double uniform() { return static_cast<double>(bits() >> 11) * 0x1p-53; }
  /// Roughly normal with variance 1: the sum of four uniform numbers.
  double grain() {
    const auto b = bits();
    const auto sum = (b & 0xFFFF) + (b >> 16 & 0xFFFF) + (b >> 32 & 0xFFFF) + (b >> 48);
    return (static_cast<double>(sum) - 131070.0) * (1.0 / 37837.0);
  }

 private:
  std::uint64_t state_;
};

}  // namespace platefs::demo
