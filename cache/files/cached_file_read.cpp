// SPDX-License-Identifier: BSD-3-Clause
// CachedFile: reading, and waiting for bytes.
#include <algorithm>
#include <string>
#include <utility>

#include "cache/files/cached_file.h"

namespace platefs::cache {

using vo::ByteRange;
using vo::Completion;
using vo::Error;

namespace {

constexpr std::uint64_t kAheadInMemory = 8ull << 20;

/// What is held and fetched is granules; a reader's range is any.
ByteRange whole_granules(ByteRange range) {
  return {range.first / kGranuleSize * kGranuleSize, (range.end + kGranuleSize - 1) / kGranuleSize * kGranuleSize};
}

}  // namespace

/// The one look of a read at the file's state, when all goes well. What is held whole needs nothing brought ahead.
CachedFile::ReadNotes CachedFile::note_read(Handle handle, ObjectId object, ByteRange range) {
  const auto state = state_.lock();
  const bool is_present = state->present && state->present->id == object;
  if (is_present && state->held.covers({0, state->present->facts.size})) return {Holding::Known, false};
  note_pattern(*state, handle, range);
  const auto reading = state->readings.find(handle);
  const auto ahead = reading == state->readings.end() ? ByteRange{} : reading->second.ahead;
  return {is_present && state->held.covers(range) ? Holding::Known : Holding::Unknown,
          !ahead.empty() && !state->held.covers(ahead)};
}

void CachedFile::note_pattern(State& state, Handle handle, ByteRange range) const {
  const auto standing = origin_->standing();
  if (!standing.reads_ahead) return;
  const std::string host{standing.host};
  auto& hosts = services_.hosts;
  auto& reading = state.readings[handle];
  reading.ahead = reading.pattern.on_read(range, AccessPattern::Clock::now(), hosts.ahead(host));
  if (!reading.run && reading.pattern.has_run()) reading.run = hosts.begin_run(host);
  if (state.present) reading.ahead = reading.ahead.clipped_to(state.present->facts.size);
  // What only memory holds is soon gone: no further ahead than it reaches.
  if (services_.store.is_passing_through()) {
    reading.ahead.end = std::min(reading.ahead.end, reading.ahead.first + kAheadInMemory);
  }
}

bool CachedFile::read(Handle handle, const std::shared_ptr<const ObjectInfo>& opened, ByteRange range, Holding holding,
                      Completion<Extent> done) {
  if (auto extent = services_.store.read(opened->id, range)) {
    if (holding == Holding::Unknown) note_held(opened->id, range);
    done(std::move(*extent));
    return true;
  }
  std::optional<Extent> arrived;
  std::optional<Error> failure;
  {
    const auto state = state_.lock();
    const bool is_current = state->present && is_same_version(state->present->facts, opened->facts);
    if (!is_current) {
      failure = replaced_error();
    } else if (failed_lately(*state)) {
      failure = state->failure;
    } else {
      arrived = look_again(*state, range);
      if (!arrived) state->readers.push_back({handle, opened, range, std::move(done)});
    }
  }
  if (arrived) {
    done(std::move(*arrived));
    return true;
  }
  if (failure) {
    done(*failure);
  } else {
    attend();
  }
  return false;
}

/// Bytes can be read a moment before stored() tells of them; whoever has read a file whole is to find it cached.
void CachedFile::note_held(ObjectId object, ByteRange range) {
  const auto state = state_.lock();
  if (!state->present || state->present->id != object || state->held.covers(range)) return;
  state->held.add(whole_granules(range).clipped_to(state->present->facts.size));
}

/// It came this moment; or it went: evicted elsewhere, lost with its file, damaged. Then it is not held,
/// whatever the index or this process's memory say, and is to be fetched again.
std::optional<Extent> CachedFile::look_again(State& state, ByteRange range) const {
  if (!state.held.covers(range)) return std::nullopt;
  auto extent = services_.store.read(state.present->id, range);
  if (extent) return extent;
  state.held = RangeSet{services_.store.held(state.present->id)};
  state.held.remove(whole_granules(range));
  return std::nullopt;
}

/// Takes out the readers whose range is held.
std::vector<CachedFile::Reader> CachedFile::take_served(State& state) {
  std::vector<Reader> served;
  std::erase_if(state.readers, [&](Reader& reader) {
    if (!state.held.covers(reader.range)) return false;
    served.push_back(std::move(reader));
    return true;
  });
  return served;
}

/// Through the store once more: it alone knows the file, and a granule lost since is a miss again.
void CachedFile::serve(std::vector<Reader> readers) {
  for (auto& reader : readers) {
    read(reader.handle, reader.opened, reader.range, Holding::Known, std::move(reader.done));
  }
}

}  // namespace platefs::cache
