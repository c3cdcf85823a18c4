// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "vo/fits/hdu/header.h"

namespace platefs::vo {

/// Ones' complement sum of big-endian 32-bit words (FITS 4.0 §4.4.2.7), going on from `sum`.
/// The length is a multiple of 4, as that of every FITS block.
std::uint32_t fits_sum(std::span<const std::byte> bytes, std::uint32_t sum = 0);

/// Gives the header CHECKSUM and DATASUM for a data unit with that sum. Any change of the header
/// after this makes them wrong. The cards carry no date: the same HDU always gets the same cards.
void set_checksums(FitsHeader& header, std::uint32_t data_sum);

}  // namespace platefs::vo
