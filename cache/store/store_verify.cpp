// SPDX-License-Identifier: BSD-3-Clause
// Looking after objects that nobody reads: what a person asks for, not a mount.
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>

#include "cache/store/store_impl.h"

namespace platefs::cache {
namespace {

using Chunks = std::vector<std::pair<std::uint64_t, ChunkRecord>>;

std::vector<Unverified> granules_of(const Chunks& chunks) {
  std::vector<Unverified> granules;
  for (const auto& [number, chunk] : chunks) {
    for (std::size_t i = 0; i < kGranulesOfChunk; ++i) {
      if (chunk.has(i)) granules.push_back({number * kGranulesOfChunk + i, chunk.checksums[i]});
    }
  }
  return granules;
}

std::uint64_t bytes_of(const std::vector<Unverified>& granules, std::uint64_t size) {
  std::uint64_t bytes = 0;
  for (const auto& each : granules) bytes += granule_bytes(size, each.granule);
  return bytes;
}

/// Takes granules out of the index, unless they were written anew since they were found bad.
void drop(IndexChange& index, ObjectId id, const std::vector<Unverified>& bad) {
  auto record = index.object(id);
  if (!record) return;
  std::uint64_t freed = 0;
  for (const auto& each : bad) {
    auto chunk = index.chunk(id, each.granule / kGranulesOfChunk);
    const auto bit = each.granule % kGranulesOfChunk;
    if (!chunk || !chunk->has(bit) || chunk->checksums[bit] != each.checksum) continue;
    chunk->clear(bit);
    index.put_chunk(id, each.granule / kGranulesOfChunk, *chunk);
    freed += granule_cost(granule_bytes(record->facts.size, each.granule));
  }
  record->held_bytes -= std::min(record->held_bytes, freed);
  index.put_object(id, *record);
  index.add("used", -static_cast<std::int64_t>(freed));
}

}  // namespace

bool Store::is_idle(ObjectId id) const { return impl_->is_idle(id); }

std::uint64_t Store::remove_orphans() {
  if (!impl_->lease) return 0;  // nothing can be written: a warning has said so
  try {
    return impl_->lease->remove_orphans();
  } catch (const LmdbError& problem) {
    throw vo::Error(vo::ErrorKind::LocalIo, problem.what());
  } catch (const std::system_error& problem) {
    throw vo::Error(vo::ErrorKind::LocalIo, problem.what());
  }
}

Store::Verified Store::verify(ObjectId id) {
  const auto record =
      impl_->from_index([id](const IndexView& index) { return index.object(id); }, std::optional<ObjectRecord>{});
  if (!record) return {};
  const auto granules =
      granules_of(impl_->from_index([id](const IndexView& index) { return index.chunks(id); }, Chunks{}));
  const auto size = record->facts.size;
  const auto path = impl_->directory.object(id);
  const auto opened = ObjectFile::open(path, ObjectFile::Access::Read);
  if (opened.error == EMFILE || opened.error == ENFILE || opened.error == ENOMEM) {
    throw vo::Error(vo::ErrorKind::LocalIo, fmt::format("opening {}: {}", path.string(), std::strerror(opened.error)));
  }
  std::vector<Unverified> bad = granules;
  if (opened.file) {
    const auto failed = failing(*opened.file, size, granules);
    std::erase_if(
        bad, [&](const Unverified& each) { return !std::binary_search(failed.begin(), failed.end(), each.granule); });
  }
  if (!bad.empty()) impl_->change([&](IndexChange& index) { drop(index, id, bad); });
  const auto bad_bytes = bytes_of(bad, size);
  return {bytes_of(granules, size) - bad_bytes, bad_bytes};
}

}  // namespace platefs::cache
