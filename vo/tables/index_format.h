// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xxhash.h>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "vo/tables/table_index.h"

namespace platefs::vo {

// The bytes of an index: IndexBeginning, the rows, the entries, the directory. The directory is: source, version, frame
// (each its length in 8 bytes, then itself), rows, placed, and the blocks.

static_assert(std::endian::native == std::endian::little, "numbers are kept as they are in memory");

constexpr std::uint64_t kIndexMagic = 0x0a31584449544c50;  // "PLTIDX1\n"
constexpr std::uint64_t kRowsOfBlock = 1024;
constexpr std::uint64_t kLargestRow = std::uint64_t{16} << 20;
constexpr std::uint64_t kLargestDirectory = std::uint64_t{256} << 20;
constexpr std::uint64_t kMostRows = std::uint64_t{1} << 26;

struct IndexBeginning {
  std::uint64_t magic = kIndexMagic;
  std::uint64_t size = 0;  ///< of the file
  std::uint64_t entries_at = 0, directory_at = 0, directory_seal = 0;
  std::uint64_t seal = 0;  ///< of what stands before it
};
static_assert(sizeof(IndexBeginning) == 48);

struct IndexEntry {
  double ra = 0, dec = 0, radius = 0;  ///< degrees
  std::uint64_t offset = 0;            ///< of the row, in the file
  std::uint32_t length = 0, number = 0;
  std::uint64_t seal = 0;  ///< of the row
};
static_assert(sizeof(IndexEntry) == 48);

/// Entries one behind the other that lie near each other.
struct TableIndex::Block {
  double ra_from = 0, ra_to = 0, dec_from = 0, dec_to = 0;  ///< of the centres, degrees
  double radius = 0;                                        ///< the largest
  std::uint64_t first = 0, count = 0;                       ///< entries
  std::uint64_t seal = 0;                                   ///< of these
};
static_assert(sizeof(TableIndex::Block) == 64);

inline std::uint64_t index_seal(const void* bytes, std::size_t size) { return XXH3_64bits(bytes, size); }
inline std::uint64_t index_seal(std::string_view bytes) { return XXH3_64bits(bytes.data(), bytes.size()); }
inline std::uint64_t seal_of(const IndexBeginning& beginning) {
  return index_seal(&beginning, offsetof(IndexBeginning, seal));
}

}  // namespace platefs::vo
