// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "cache/store/store.h"

namespace platefs::cache {

/// The values of the index's tables and their bytes (FORMAT.md). Every encoded record ends in a
/// checksum of what stands before it; decode() of bytes that don't match gives nothing.

/// Which version of a file is the present one; outlives the bytes.
struct KeyRecord {
  std::string key;
  ObjectId present = 0;  ///< 0: nothing of it is held
  std::uint32_t version = 0;
  std::uint64_t size = 0;
  Validators validators;
};

struct ObjectRecord {
  std::string key;
  std::uint32_t version = 0;
  ObjectFacts facts;
  bool pinned = false;
  std::int64_t last_use = 0;
  std::uint64_t held_bytes = 0;
};

constexpr std::size_t kGranulesOfChunk = kChunkSize / kGranuleSize;

constexpr std::uint64_t granule_bit(std::size_t granule) { return std::uint64_t{1} << granule; }

/// What is held of one chunk of half a MiB.
struct ChunkRecord {
  std::uint64_t held = 0;                                   ///< bit i: granule i
  std::array<std::uint64_t, kGranulesOfChunk> checksums{};  ///< XXH3-64 of each held granule

  bool has(std::size_t granule) const { return (held & granule_bit(granule)) != 0; }
  void set(std::size_t granule, std::uint64_t checksum) {
    held |= granule_bit(granule);
    checksums[granule] = checksum;
  }
  void clear(std::size_t granule) { held &= ~granule_bit(granule); }
};

/// What stands in the index for a document that was removed here at `now` and that a base still holds.
inline Document tombstone(std::int64_t now) {
  Document removed;
  removed.absent = true;
  removed.fetched_at = INT64_MIN;
  removed.expires_at = INT64_MAX;
  removed.last_use = now;
  return removed;
}
inline bool is_tombstone(const Document& document) { return document.absent && document.fetched_at == INT64_MIN; }

using Names = std::map<std::string, std::string>;

std::string encode(const KeyRecord& record);
std::string encode(const ObjectRecord& record);
std::string encode(const ChunkRecord& record);
/// Compressed where that saves a quarter.
std::string encode(const Document& record);
std::string encode(const Names& record);

std::optional<KeyRecord> decode_key(std::string_view bytes);
std::optional<ObjectRecord> decode_object(std::string_view bytes);
std::optional<ChunkRecord> decode_chunk(std::string_view bytes);
std::optional<Document> decode_document(std::string_view bytes);
/// All but its bytes, by the end of the record, whose seal is not looked at: it is as long as the document.
std::optional<Document> decode_document_times(std::string_view bytes);
std::optional<Names> decode_names(std::string_view bytes);

std::uint64_t checksum_of(std::span<const std::byte> bytes);

/// Big-endian, so that the order of keys is the order of numbers.
std::string number_key(std::uint64_t number);
std::uint64_t number_of_key(std::string_view key);  ///< of its first 8 bytes; 0 when there are fewer

}  // namespace platefs::cache
