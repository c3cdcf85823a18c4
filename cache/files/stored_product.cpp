// SPDX-License-Identifier: BSD-3-Clause
#include "cache/files/stored_product.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

namespace platefs::cache {

using vo::ByteRange;
using vo::Completion;
using vo::Error;
using vo::ErrorKind;

namespace {

constexpr std::int64_t kFailureLastsSeconds = 5;

/// What is held and fetched is granules; a reader's range is any.
ByteRange whole_granules(ByteRange range) {
  return {range.first / kGranuleSize * kGranuleSize, (range.end + kGranuleSize - 1) / kGranuleSize * kGranuleSize};
}

}  // namespace

StoredProduct::StoredProduct(ProductServices services, ProductId id)
    : services_(std::move(services)), id_(std::move(id)), key_(id_.key()) {}

std::string StoredProduct::file_name() const {
  switch (id_.kind) {
    case ProductKind::Cutout:
      return "cutout.fits";
    case ProductKind::Full:
      return "full.fits";
    case ProductKind::Preview:
      return "preview.jpg";
    case ProductKind::Link:
      return "links/" + id_.link;
  }
  return "file";
}

Failure StoredProduct::report_of(const std::string& message) const {
  const auto& plate = id_.plate.plate();
  const bool is_own = id_.kind == ProductKind::Cutout || !plate.own_files.empty();
  return {plate.obs_publisher_did, file_name(), message, services_.now(), is_own ? plate.exposure : "",
          id_.plate.table->archive};
}

void StoredProduct::load_present(State& state) const {
  if (state.present) return;
  state.present = services_.store.object(key_);
  if (state.present) {
    state.held = RangeSet{services_.store.held(state.present->id)};
  } else if (state.expected_version == 0) {
    state.expected_version = services_.store.version(key_);
  }
}

bool StoredProduct::is_ready(const State& state) const {
  if (!state.present || state.is_outdated) return false;
  return can_refill(*state.present) || state.held.covers({0, state.present->facts.size});
}

bool StoredProduct::failed_lately(const State& state) const {
  if (state.shut) return true;
  const auto age = services_.now() - state.failed_at;  // below 0: the clock was set back
  return state.failure && age >= 0 && age < kFailureLastsSeconds;
}

ProductFacts StoredProduct::facts() const {
  ProductFacts facts = expected();
  auto state = state_.lock();
  load_present(*state);
  facts.version = state->expected_version;
  if (state->present) {
    const auto& present = *state->present;
    // Whatever this process remembers: others may have evicted it.
    facts.held_bytes = services_.store.object(present.id) ? state->held.size() : 0;
    facts.version = present.version;
    if (is_ready(*state)) facts.size = present.facts.size;
    facts.estimate = std::max<std::uint64_t>(present.facts.size, 1);
    facts.source = present.facts.source;
    facts.url = present.facts.url;
    facts.etag = present.facts.validators.etag;
    facts.media_type = present.facts.media_type;
    facts.fetched_at = present.facts.fetched_at;
    const bool is_whole = facts.held_bytes >= present.facts.size;
    facts.state = is_whole ? ProductState::Cached : facts.held_bytes ? ProductState::Partial : ProductState::Remote;
  }
  if (state->failure) {
    facts.error = state->failure->message();
    if (facts.state == ProductState::Remote) facts.state = ProductState::Failed;
  }
  return facts;
}

std::optional<ObjectInfo> StoredProduct::present() const {
  auto state = state_.lock();
  load_present(*state);
  return state->present;
}

StoredProduct::Wanted StoredProduct::wanted() const {
  Wanted wanted;
  const auto state = state_.lock();
  wanted.by_opening = !state->openings.empty();
  for (const auto& reader : state->readers) wanted.by_readers.push_back(reader.range);
  wanted.open_files = state->open_files;
  return wanted;
}

RangeSet StoredProduct::held() const { return state_.lock()->held; }

bool StoredProduct::holds(ByteRange range) const { return state_.lock()->held.covers(range); }

Error StoredProduct::replaced() const {
  return {ErrorKind::Changed, fmt::format("{} was replaced by the archive while it was open", file_name())};
}

/// It came this moment; or it went: evicted elsewhere, lost with its file, damaged. Then it is not held,
/// whatever the index or this process's memory say, and is to be fetched again.
std::optional<Extent> StoredProduct::look_again(State& state, ByteRange range) const {
  if (!state.held.covers(range)) return std::nullopt;
  auto extent = services_.store.read(state.present->id, range);
  if (extent) return extent;
  state.held = RangeSet{services_.store.held(state.present->id)};
  state.held.remove(whole_granules(range));
  return std::nullopt;
}

bool StoredProduct::read(ObjectId object, std::uint32_t version, ByteRange range, Completion<Extent> done) {
  if (auto extent = services_.store.read(object, range)) {
    note_held(object, range);
    done(std::move(*extent));
    return true;
  }
  std::optional<Extent> arrived;
  std::optional<Error> failure;
  {
    const auto state = state_.lock();
    const bool is_current = state->present && state->present->version == version;
    if (!is_current) {
      failure = replaced();
    } else if (failed_lately(*state)) {
      failure = state->failure;
    } else {
      arrived = look_again(*state, range);
      if (!arrived) state->readers.push_back({version, range, std::move(done)});
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

/// Bytes can be read a moment before have_bytes() tells of them; whoever has read a file whole is to find it cached.
void StoredProduct::note_held(ObjectId object, ByteRange range) {
  const auto state = state_.lock();
  if (!state->present || state->present->id != object || state->held.covers(range)) return;
  state->held.add(whole_granules(range).clipped_to(state->present->facts.size));
}

void StoredProduct::attend() {
  bool is_to_be_watched = false;
  {
    const auto state = state_.lock();
    is_to_be_watched = services_.watch != nullptr && !std::exchange(state->is_watched, true);
    if (is_to_be_watched) state->under_way_at = std::chrono::steady_clock::now();
  }
  if (is_to_be_watched) services_.watch->watch(weak_from_this());
  bring();
}

bool StoredProduct::look_after(std::chrono::steady_clock::time_point now,
                               std::chrono::steady_clock::duration deadline) {
  const bool is_moving = is_under_way();
  {
    const auto state = state_.lock();
    if (state->openings.empty() && state->readers.empty()) {
      state->is_watched = false;
      return false;
    }
    if (is_moving) state->under_way_at = now;
    if (now - state->under_way_at < deadline) return true;
  }
  give_up({ErrorKind::Unavailable,
           fmt::format("somebody waits for {} and nothing is under way; this is a fault of platefs", file_name())},
          {0, UINT64_MAX});
  return true;
}

/// Takes out the readers whose range is held.
std::vector<StoredProduct::Reader> StoredProduct::take_served(State& state) {
  std::vector<Reader> served;
  std::erase_if(state.readers, [&](Reader& reader) {
    if (!state.held.covers(reader.range)) return false;
    served.push_back(std::move(reader));
    return true;
  });
  return served;
}

void StoredProduct::serve(std::vector<Reader> readers) {
  for (auto& reader : readers) {
    const auto info = present();
    // Through the store once more: it alone knows the file, and a granule lost since is a miss again.
    read(info ? info->id : 0, reader.version, reader.range, std::move(reader.done));
  }
}

void StoredProduct::have_version(const ObjectInfo& info, bool beginning_follows) {
  std::vector<Reader> stranded, served;
  bool is_beginning_here = false;
  {
    const auto state = state_.lock();
    state->present = info;
    state->is_outdated = false;
    state->held = RangeSet{services_.store.held(info.id)};
    if (!state->shut) state->failure.reset();
    std::erase_if(state->readers, [&](Reader& reader) {
      if (reader.version == info.version) return false;
      stranded.push_back(std::move(reader));
      return true;
    });
    served = take_served(*state);
    is_beginning_here = !beginning_follows || state->held.covers(beginning_of(info.facts.size));
    state->beginning_follows = true;  // until let_in() is through
  }
  services_.clear_report(report_of({}));
  for (auto& reader : stranded) reader.done(replaced());
  if (is_beginning_here) complete_opens();
  serve(std::move(served));
}

void StoredProduct::have_bytes(ObjectId object, ByteRange range) {
  std::vector<Reader> served;
  bool has_begun = false;
  {
    const auto state = state_.lock();
    if (!state->present || state->present->id != object) return;
    state->held.add(range);
    served = take_served(*state);
    has_begun = state->beginning_follows && state->held.covers(beginning_of(state->present->facts.size));
  }
  if (has_begun) complete_opens();
  serve(std::move(served));
}

void StoredProduct::give_up(const Error& error, ByteRange missing) {
  std::vector<Opening> openings;
  std::vector<Reader> readers;
  bool is_news = error.kind() != ErrorKind::Cancelled;
  {
    const auto state = state_.lock();
    openings.swap(state->openings);
    std::erase_if(state->readers, [&](Reader& reader) {
      if (!reader.range.overlaps(missing)) return false;
      readers.push_back(std::move(reader));
      return true;
    });
    is_news = is_news && !state->shut && !(openings.empty() && readers.empty());
    // The next who opens a file that was replaced finds the new version.
    if (is_news && error.kind() != ErrorKind::Changed) {
      state->failure = error;
      state->failed_at = services_.now();
    }
  }
  if (is_news) {
    services_.report(report_of(error.message()));
  }
  for (auto& opening : openings) opening.done(error);
  for (auto& reader : readers) reader.done(error);
}

void StoredProduct::shut() {
  std::vector<Opening> openings;
  std::vector<Reader> readers;
  const Error error{ErrorKind::Unavailable, "platefs is being unmounted"};
  {
    const auto state = state_.lock();
    state->shut = true;
    state->failure = error;
    openings.swap(state->openings);
    readers.swap(state->readers);
  }
  for (auto& opening : openings) opening.done(error);
  for (auto& reader : readers) reader.done(error);
  trim();
}

}  // namespace platefs::cache
