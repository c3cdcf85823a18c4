// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace platefs::test {

using Cards = std::vector<std::string>;

/// A header unit: the cards, each padded to 80 columns, END, blanks up to a whole block.
std::string header_unit(const Cards& cards);

/// The stored bytes of one pixel: its running number in the file, big-endian, cut to the pixel's
/// size.
std::string stored_pixel(std::int64_t number, int bitpix);

/// A data unit of numbered pixels, padded to a whole block.
std::string data_unit(int bitpix, const std::vector<std::int64_t>& axes);

/// A file whose primary HDU is an image of numbered pixels.
std::string image_file(int bitpix, const std::vector<std::int64_t>& axes, const Cards& more);

/// The same image in an extension behind a primary HDU without data.
std::string extension_file(int bitpix, const std::vector<std::int64_t>& axes, const Cards& primary, const Cards& more);

/// Equatorial coordinates by TAN: 1.44 arcsec a pixel, north up, east left, (156.011, +48.148) at
/// pixel (450.3, 349.8).
Cards tan_cards();

Cards joined(Cards first, const Cards& second);

std::span<const std::byte> bytes_of(std::string_view text);

}  // namespace platefs::test
