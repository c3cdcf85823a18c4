// SPDX-License-Identifier: BSD-3-Clause
// Looking at objects, from any thread.
#include <fmt/format.h>

#include <algorithm>

#include "cache/store/range_set.h"
#include "cache/store/store_impl.h"

namespace platefs::cache {
namespace {

using Standing = OpenObject::Standing;

constexpr int kMostOpenings = 8;            // of one file in one read: others may close it in between
constexpr std::size_t kLiveObjects = 1024;  // known of objects that nobody holds

ObjectInfo info_of(ObjectId id, const ObjectRecord& record, std::uint64_t fresh) {
  return {id, record.key, record.version, record.facts, record.pinned, record.last_use, record.held_bytes + fresh};
}

Extent in_memory(RecentBytes::Pieces pieces, std::uint64_t size) {
  auto bytes = std::move(pieces.bytes);
  return {-1, 0, std::move(bytes), size, std::make_shared<std::vector<SharedBytes>>(std::move(pieces.keep))};
}

/// `range` of granules in pieces, of which the first holds the range's first granule.
Extent in_memory(std::vector<SharedBytes> pieces, vo::ByteRange range) {
  std::vector<std::span<const std::byte>> spans;
  auto skipped = range.first % kGranuleSize;
  auto left = range.size();
  for (const auto& piece : pieces) {
    const auto part = std::span(*piece).subspan(skipped, std::min<std::uint64_t>(left, piece->size() - skipped));
    if (!part.empty()) spans.push_back(part);
    left -= part.size();
    skipped = 0;
  }
  return {-1, 0, std::move(spans), range.size(), std::make_shared<std::vector<SharedBytes>>(std::move(pieces))};
}

std::uint64_t first_granule(vo::ByteRange range) { return range.first / kGranuleSize; }
std::uint64_t end_granule(vo::ByteRange range) { return (range.end + kGranuleSize - 1) / kGranuleSize; }

vo::ByteRange whole_granules(vo::ByteRange range) {
  return {first_granule(range) * kGranuleSize, end_granule(range) * kGranuleSize};
}

/// Adds what the index holds to what is known here; what failed its checksum stays forgotten.
void take_over(OpenChunk& known, const ChunkRecord& indexed) {
  for (std::size_t i = 0; i < kGranulesOfChunk; ++i) {
    const bool is_bad = (known.bad & granule_bit(i)) != 0;
    if (indexed.has(i) && !known.record.has(i) && !is_bad) known.record.set(i, indexed.checksums[i]);
  }
}

/// Which granules of `range` are missing, and which are held but not tested yet.
struct Survey {
  bool complete = true;
  std::vector<Unverified> unverified;
};

Survey survey(const std::map<std::uint64_t, OpenChunk>& chunks, vo::ByteRange range) {
  Survey result;
  for (auto g = first_granule(range); g < end_granule(range); ++g) {
    const auto chunk = chunks.find(g / kGranulesOfChunk);
    const auto bit = g % kGranulesOfChunk;
    if (chunk == chunks.end() || !chunk->second.record.has(bit)) {
      result.complete = false;
      return result;
    }
    if ((chunk->second.verified & granule_bit(bit)) == 0) {
      result.unverified.push_back({g, chunk->second.record.checksums[bit]});
    }
  }
  return result;
}

}  // namespace

namespace {

/// `granules` passed their test through `file`.
void note_tested(OpenObject& object, const ObjectFile& file, std::span<const Unverified> granules) {
  const auto own = object.state.lock();
  if (own->file.lock().get() != &file) return;
  for (const auto& tested : granules) {
    auto& chunk = own->chunks[tested.granule / kGranulesOfChunk];
    chunk.verified |= granule_bit(tested.granule % kGranulesOfChunk);
  }
}

bool is_on_disk(const OpenObject& object, vo::ByteRange range) {
  return survey(object.state.lock()->chunks, range).complete;
}

}  // namespace

void StoreState::prune_live() {
  if (live.size() < prune_live_at) return;
  std::erase_if(live, [](const auto& entry) {
    return entry.second.use_count() == 1 && entry.second->state.lock()->standing == Standing::Indexed;
  });
  prune_live_at = std::max(kLiveObjects, 2 * live.size());
}

std::shared_ptr<OpenObject> Store::Impl::live(ObjectId id) {
  {
    const auto access = state.lock();
    if (const auto found = access->live.find(id); found != access->live.end()) return found->second;
    if (access->removed.contains(id)) return nullptr;
  }
  auto record = from_index([id](const IndexView& index) { return index.object(id); }, std::optional<ObjectRecord>{});
  if (!record) return nullptr;
  auto made = std::make_shared<OpenObject>(id, directory.object(id), *std::move(record), Standing::Indexed);
  const auto access = state.lock();
  access->prune_live();
  return access->live.try_emplace(id, std::move(made)).first->second;
}

std::optional<ObjectInfo> Store::Impl::info(ObjectId id) {
  if (BaseStores::has_id(id)) return info_in_base(id);
  std::shared_ptr<OpenObject> known;
  {
    const auto access = state.lock();
    if (const auto found = access->live.find(id); found != access->live.end()) known = found->second;
    if (!known && access->removed.contains(id)) return std::nullopt;
  }
  std::uint64_t fresh = 0;
  std::optional<ObjectFacts> facts;
  if (known) {
    const auto own = known->state.lock();
    if (own->standing == Standing::Gone) return std::nullopt;
    if (own->standing != Standing::Indexed) return info_of(id, own->record, own->fresh_bytes);
    fresh = own->fresh_bytes;
    facts = own->record.facts;
  }
  auto record = from_index([id](const IndexView& index) { return index.object(id); }, std::optional<ObjectRecord>{});
  if (!record) return std::nullopt;
  if (facts) record->facts = *std::move(facts);
  return info_of(id, *record, fresh);
}

/// In memory, written with the next commit; not more often than once a week, for it writes the document anew.
void Store::Impl::note_use(std::string_view name, const Document& document) {
  constexpr std::int64_t kWeekSeconds = 7 * 86400;
  constexpr std::size_t kMost = 4096;
  const auto time = now();
  if (document.last_use <= time && time - document.last_use < kWeekSeconds) return;
  const auto access = state.lock();
  if (access->used_documents.size() < kMost) access->used_documents.emplace(name);
}

std::optional<KeyRecord> Store::Impl::own_key(std::string_view name) {
  {
    const auto access = state.lock();
    if (const auto found = access->keys.find(name); found != access->keys.end()) return found->second;
    const auto unkept = access->unkept_keys.find(name);
    if (unkept != access->unkept_keys.end() && access->live.contains(unkept->second.present)) return unkept->second;
  }
  return from_index([name](const IndexView& index) { return index.key(name); }, std::optional<KeyRecord>{});
}

std::optional<ObjectInfo> Store::Impl::present(std::string_view name) {
  const auto record = own_key(name);
  if (record && record->present != 0) {
    if (auto own = info(record->present)) return own;
  }
  return in_base(name);
}

void Store::Impl::load_chunks(OpenObject& object, vo::ByteRange range) {
  const auto first = first_granule(range) / kGranulesOfChunk;
  const auto last = (end_granule(range) - 1) / kGranulesOfChunk;
  using Found = std::vector<std::pair<std::uint64_t, ChunkRecord>>;
  const auto found = from_index(
      [&](const IndexView& index) {
        Found records;
        for (auto number = first; number <= last; ++number) {
          if (const auto record = index.chunk(object.id, number)) records.emplace_back(number, *record);
        }
        return records;
      },
      Found{});
  const auto own = object.state.lock();
  for (const auto& [number, record] : found) take_over(own->chunks[number], record);
}

std::optional<Extent> Store::Impl::read(ObjectId id, vo::ByteRange range) {
  if (BaseStores::has_id(id)) return bases.read(id, range);
  const auto object = live(id);
  if (!object) return std::nullopt;
  std::shared_ptr<const ObjectFile> opened;
  bool asked_memory = false, asked_index = false;
  for (int tries = 0;;) {
    std::shared_ptr<const ObjectFile> file;
    Survey found;
    std::uint64_t size = 0;
    {
      const auto own = object->state.lock();
      size = own->record.facts.size;
      range = range.clipped_to(size);
      if (range.empty()) return Extent{};
      file = own->file.lock();
      found = survey(own->chunks, range);
    }
    const bool is_ready = found.complete && found.unverified.empty() && file && !file->has_failed();
    if (!is_ready && !std::exchange(asked_memory, true)) {
      if (auto pieces = recent.read(id, range)) return in_memory(std::move(*pieces), range.size());
    }
    if (!found.complete) {
      if (std::exchange(asked_index, true)) return read_patched(object, range);
      load_chunks(*object, range);
      continue;
    }
    if (!file || file->has_failed()) {
      // What was tested through another descriptor is tested again.
      opened = ++tries < kMostOpenings ? file_of(object, ObjectFile::Access::Read) : nullptr;
      if (!opened) return std::nullopt;
      continue;
    }
    files->note_use(*file);
    if (found.unverified.empty()) return Extent{file->fd(), range.first, {}, range.size(), file, file.get()};
    auto tested = read_and_test(*file, size, whole_granules(range).clipped_to(size), found.unverified, pool);
    if (!tested.bad.empty()) {
      forget(object, tested.bad);
      return std::nullopt;
    }
    note_tested(*object, *file, found.unverified);
    if (!tested.pieces.empty()) return in_memory(std::move(tested.pieces), range);
  }
}

std::optional<Extent> Store::Impl::on_disk(ObjectId id, vo::ByteRange range) {
  if (BaseStores::has_id(id)) return bases.on_disk(id, range);
  const auto object = live(id);
  if (!object) return std::nullopt;
  const auto own = object->state.lock();
  const auto file = own->file.lock();
  if (!file || file->has_failed() || range.end > own->record.facts.size) return std::nullopt;
  const auto found = survey(own->chunks, range);
  if (!found.complete || !found.unverified.empty()) return std::nullopt;
  return Extent{file->fd(), range.first, {}, range.size(), file, file.get()};
}

/// Partly on the disk, partly in memory alone because the disk took no more, partly in a base.
std::optional<Extent> Store::Impl::read_patched(const std::shared_ptr<OpenObject>& object, vo::ByteRange range) {
  const auto base = below(*object);
  if (!base && !recent.has_only_copies()) return std::nullopt;
  if (base) {
    if (auto all = bases.read(*base, range)) return all;
  }
  const auto bytes = std::make_shared<Buffer>();
  while (!range.empty()) {
    if (const auto some = recent.read_some(object->id, range)) {
      const auto& piece = some->bytes.front();
      append(*bytes, piece);
      range.first += piece.size();
      continue;
    }
    const vo::ByteRange granule{range.first, std::min(range.end, (range.first / kGranuleSize + 1) * kGranuleSize)};
    const bool is_here = is_on_disk(*object, granule);
    if (!is_here && !base) return std::nullopt;
    const auto extent = is_here ? read(object->id, granule) : bases.read(*base, granule);
    const auto before = bytes->size();
    bytes->resize(before + granule.size());
    if (!extent) return std::nullopt;
    try {
      copy_extent(*extent, std::span(*bytes).subspan(before));
    } catch (const vo::Error&) {
      return std::nullopt;
    }
    range.first = granule.end;
  }
  return Extent{-1, 0, {std::span(std::as_const(*bytes))}, bytes->size(), bytes};
}

void Store::Impl::forget(const std::shared_ptr<OpenObject>& object, const std::vector<std::uint64_t>& granules) {
  std::string key;
  {
    const auto own = object->state.lock();
    key = own->record.key;
    for (const auto granule : granules) {
      auto& chunk = own->chunks[granule / kGranulesOfChunk];
      chunk.record.clear(granule % kGranulesOfChunk);
      chunk.bad |= granule_bit(granule % kGranulesOfChunk);
    }
  }
  state.lock()->dirty[object->id] = object;
  options.warn(fmt::format("{} granule(s) of {} in {} fail their checksum and are fetched again", granules.size(), key,
                           object->path.string()));
}

std::vector<vo::ByteRange> Store::Impl::held(ObjectId id) {
  if (BaseStores::has_id(id)) return bases.held(id);
  const auto object = live(id);
  if (!object) return {};
  using Found = std::vector<std::pair<std::uint64_t, ChunkRecord>>;
  const auto found = from_index([id](const IndexView& index) { return index.chunks(id); }, Found{});
  RangeSet ranges;
  if (const auto base = below(*object)) ranges = RangeSet{bases.held(*base)};
  const auto own = object->state.lock();
  for (const auto& [number, record] : found) take_over(own->chunks[number], record);
  const auto size = own->record.facts.size;
  for (const auto& [number, chunk] : own->chunks) {
    for (std::size_t i = 0; i < kGranulesOfChunk; ++i) {
      const auto first = (number * kGranulesOfChunk + i) * kGranuleSize;
      if (chunk.record.has(i)) ranges.add(vo::ByteRange{first, first + kGranuleSize}.clipped_to(size));
    }
  }
  for (const auto& range : recent.only_here(id)) ranges.add(range.clipped_to(size));
  return ranges.ranges();
}

}  // namespace platefs::cache
