// SPDX-License-Identifier: BSD-3-Clause
#include "tests/support/fits_builder.h"

#include <fmt/core.h>

#include <cstdlib>

namespace platefs::test {
namespace {

std::string padded(std::string text, std::size_t block, char filler) {
  text.resize((text.size() + block - 1) / block * block, filler);
  return text;
}

Cards shape_cards(int bitpix, const std::vector<std::int64_t>& axes) {
  Cards cards{fmt::format("BITPIX  = {:>20}", bitpix), fmt::format("NAXIS   = {:>20}", axes.size())};
  for (std::size_t i = 0; i < axes.size(); ++i) {
    cards.push_back(fmt::format("{:<8}= {:>20}", fmt::format("NAXIS{}", i + 1), axes[i]));
  }
  return cards;
}

}  // namespace

std::string header_unit(const Cards& cards) {
  std::string unit;
  for (const auto& card : cards) unit += fmt::format("{:<80}", card);
  return padded(unit + "END", 2880, ' ');
}

std::string stored_pixel(std::int64_t number, int bitpix) {
  std::string bytes;
  for (int shift = std::abs(bitpix) - 8; shift >= 0; shift -= 8) {
    bytes += static_cast<char>(number >> shift & 0xff);
  }
  return bytes;
}

std::string data_unit(int bitpix, const std::vector<std::int64_t>& axes) {
  std::int64_t count = 1;
  for (const auto length : axes) count *= length;
  std::string data;
  for (std::int64_t i = 0; i < count; ++i) data += stored_pixel(i, bitpix);
  return padded(data, 2880, '\0');
}

std::string image_file(int bitpix, const std::vector<std::int64_t>& axes, const Cards& more) {
  const Cards simple{"SIMPLE  =                    T"};
  return header_unit(joined(joined(simple, shape_cards(bitpix, axes)), more)) + data_unit(bitpix, axes);
}

std::string extension_file(int bitpix, const std::vector<std::int64_t>& axes, const Cards& primary, const Cards& more) {
  const Cards start{"SIMPLE  =                    T", "BITPIX  =                    8",
                    "NAXIS   =                    0", "EXTEND  =                    T"};
  const Cards structure = joined(joined({"XTENSION= 'IMAGE   '"}, shape_cards(bitpix, axes)),
                                 {"PCOUNT  =                    0", "GCOUNT  =                    1"});
  return header_unit(joined(start, primary)) + header_unit(joined(structure, more)) + data_unit(bitpix, axes);
}

Cards tan_cards() {
  return {"CTYPE1  = 'RA---TAN'", "CTYPE2  = 'DEC--TAN'", "CRVAL1  = 156.011", "CRVAL2  = 48.148", "CRPIX1  = 450.3",
          "CRPIX2  = 349.8",      "CD1_1   = -0.0004",    "CD1_2   = 0.0",     "CD2_1   = 0.0",    "CD2_2   = 0.0004"};
}

Cards joined(Cards first, const Cards& second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span{text.data(), text.size()});
}

}  // namespace platefs::test
