// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace platefs::vo {

/// Whether a PLIO-coded tile (FITS 4.0 §10.4.3) is a line list that ends within its bytes: 16-bit words, a
/// head that says how many they are, instructions. Decoders leave undefined what such a list does not say
/// when its head makes no sense.
bool plio_is_sound(std::span<const std::byte> bytes);

}  // namespace platefs::vo
