// SPDX-License-Identifier: BSD-3-Clause
#include "vo/fits/tiles/check.h"

#include <fmt/core.h>

#include <algorithm>

#include "vo/base/error.h"
#include "vo/fits/tiles/check_gzip.h"
#include "vo/fits/tiles/check_hcompress.h"
#include "vo/fits/tiles/check_plio.h"
#include "vo/fits/tiles/check_rice.h"

namespace platefs::vo {
namespace {

/// The decoder for small integers keeps coefficients in 32 bits.
unsigned most_planes(int bitpix) { return bitpix == 8 || bitpix == 16 ? 31 : 63; }

bool is_hcompress(const TileTable& tiles, const TileColumn& column) {
  return column.name == "COMPRESSED_DATA" && tiles.compression.starts_with("HCOMPRESS");
}

bool is_sound(const TileTable& tiles, const TileColumn& column, std::uint64_t row, std::span<const std::byte> bytes,
              const std::function<void()>& pause) {
  const auto pixels = tiles.pixels_of_row(row);
  if (column.name == "GZIP_COMPRESSED_DATA") return gzip_is_sound(bytes, pixels);
  if (column.name != "COMPRESSED_DATA") return true;
  if (tiles.compression.starts_with("RICE")) {
    return rice_ends_within(bytes, {pixels, tiles.rice_block, tiles.rice_bytes});
  }
  if (tiles.compression.starts_with("GZIP")) return gzip_is_sound(bytes, pixels);
  if (tiles.compression == "PLIO_1") return plio_is_sound(bytes);
  if (tiles.compression == "NOCOMPRESS") return bytes.empty();  // its pixels stand in UNCOMPRESSED_DATA
  return hcompress_is_sound(bytes, {tiles.width_of_row(row), pixels, most_planes(tiles.image.bitpix)}, pause);
}

/// Bytes that a decoder takes for a pixel; those of HCOMPRESS work on integers of 64 bits.
std::uint64_t bytes_of_pixel(const TileTable& tiles) {
  return tiles.compression.starts_with("HCOMPRESS") ? 8 : std::max<std::uint64_t>(tiles.image.bytes_per_pixel(), 4);
}

}  // namespace

void TileWork::add(const TileTable& tiles, const TileColumn& column, std::uint64_t row,
                   std::span<const std::byte> bytes) {
  const auto pixels = static_cast<std::uint64_t>(tiles.pixels_of_row(row));
  const auto planes = is_hcompress(tiles, column) ? hcompress_planes(bytes) : 0;
  bytes_ += bytes.size();
  steps_ += pixels * (1 + planes);
  const bool is_proportionate = steps_ <= kFreeSteps + kStepsOfByte * bytes_ &&
                                pixels * bytes_of_pixel(tiles) <= kFreeMemory + kMemoryOfByte * bytes.size();
  if (is_proportionate) return;
  throw Error{ErrorKind::Rejected,
              fmt::format("tile {} of a compressed image has {} bytes for {} pixels in {} bit planes: too much work",
                          row + 1, bytes.size(), pixels, planes)};
}

void require_sound_tile(const TileTable& tiles, const TileColumn& column, std::uint64_t row,
                        std::span<const std::byte> bytes, const std::function<void()>& pause) {
  if (is_sound(tiles, column, row, bytes, pause)) return;
  throw Error{ErrorKind::Malformed,
              fmt::format("tile {} of a compressed image is no complete {} of its pixels", row + 1, tiles.compression)};
}

}  // namespace platefs::vo
