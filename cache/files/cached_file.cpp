// SPDX-License-Identifier: BSD-3-Clause
#include "cache/files/cached_file.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "cache/files/file_kinds.h"

namespace platefs::cache {

using vo::ByteRange;
using vo::Error;
using vo::ErrorKind;

namespace {

constexpr std::int64_t kFailureLastsSeconds = 5;
constexpr std::int64_t kNextBestLastsSeconds = 600;

}  // namespace

CachedFile::CachedFile(ProductServices services, ProductId id, const MakeOrigin& make_origin)
    : services_(std::move(services)),
      id_(std::move(id)),
      key_(id_.key()),
      name_(file_name(id_)),
      origin_(make_origin(*this)) {}

namespace {

Failure::Lasts how_long(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::NotFound:
    case ErrorKind::NotAuthorized:
    case ErrorKind::Rejected:
    case ErrorKind::BadUsage:
    case ErrorKind::Malformed:
      return Failure::Lasts::Longer;
    case ErrorKind::Offline:
      return Failure::Lasts::WhileOffline;
    case ErrorKind::TimedOut:
    case ErrorKind::Cancelled:
    case ErrorKind::NoSpace:
    case ErrorKind::Changed:
    case ErrorKind::Refused:
    case ErrorKind::Unreachable:
    case ErrorKind::Unavailable:
    case ErrorKind::Corrupt:
    case ErrorKind::LocalIo:
      break;
  }
  return Failure::Lasts::Passing;
}

}  // namespace

Failure CachedFile::report_of(const Error& error) const {
  const auto& plate = id_.plate.plate();
  const bool is_own = shows_region(id_.kind) || !plate.own_files.empty();
  return {plate.obs_publisher_did.str(),
          name_,
          error.message(),
          services_.now(),
          is_own ? plate.exposure.str() : "",
          id_.plate.table->archive,
          how_long(error.kind())};
}

void CachedFile::load_present(State& state) const {
  if (state.present) return;
  state.present = services_.store.object(key_);
  if (state.present) {
    state.held = RangeSet{services_.store.held(state.present->id)};
  } else if (state.expected_version == 0) {
    state.expected_version = services_.store.version(key_);
  }
}

/// A commit may have given it another number, beside another process's version (replace_rival). And what was evicted or
/// lost since is not there to be opened: a reader of it would hold nothing.
void CachedFile::renew_present(State& state) const {
  load_present(state);
  if (!state.present) return;
  if (const auto known = services_.store.object(state.present->id)) {
    state.present->version = known->version;
  } else if (state.open_files == 0 && state.openings.empty()) {
    state.present.reset();
    load_present(state);
  }
}

bool CachedFile::is_ready(const State& state) const {
  if (!state.present || state.is_outdated) return false;
  const auto standing = origin_->standing();
  return standing.serves_parts || standing.arriving_whole == state.present->id ||
         state.held.covers({0, state.present->facts.size});
}

/// What people should know of a version that stands in for a better one.
std::optional<Error> CachedFile::told_of_next_best(const State& state) const {
  if (!state.present || state.present->facts.source != kNextBest) return std::nullopt;
  const auto why = state.best_refused ? state.best_refused->message() : "it could not be had when it was asked for";
  return Error{state.best_refused ? state.best_refused->kind() : ErrorKind::NotFound,
               fmt::format("this is the next best file of the plate, {}, in place of the best: {}",
                           state.present->facts.url, why)};
}

/// Whoever opens what stands in for the best file, after a while, has the best asked for again.
void CachedFile::look_for_best(State& state) const {
  const bool stands_in = state.present && state.present->facts.source == kNextBest;
  if (!stands_in || state.is_outdated || state.open_files > 0 || !state.openings.empty()) return;
  const auto known_since = std::max(state.present->facts.fetched_at, state.best_refused_at);
  state.is_outdated = services_.now() >= known_since + kNextBestLastsSeconds;
}

bool CachedFile::keeps_next_best(const Error& why) {
  std::optional<Error> told;
  {
    const auto state = state_.lock();
    if (!state->present || state->present->facts.source != kNextBest || why.kind() == ErrorKind::Cancelled)
      return false;
    state->is_outdated = false;
    state->best_refused = why;
    state->best_refused_at = services_.now();
    told = told_of_next_best(*state);
  }
  services_.report(report_of(*told));
  ended();
  return true;
}

bool CachedFile::failed_lately(const State& state) const {
  if (state.shut) return true;
  const auto age = services_.now() - state.failed_at;  // below 0: the clock was set back
  return state.failure && age >= 0 && age < kFailureLastsSeconds;
}

ProductFacts CachedFile::facts() const {
  {
    const auto state = state_.lock();
    load_present(*state);
    if (state->present) return facts_of(*state, {});
  }
  auto expected =
      expected_facts(id_, services_.files.known_links(id_.plate).get());  // that others know, without the lock
  const auto state = state_.lock();
  load_present(*state);
  return facts_of(*state, std::move(expected));
}

/// `facts`: what is expected, where nothing is present.
ProductFacts CachedFile::facts_of(const State& state, ProductFacts facts) const {
  facts.version = state.expected_version;
  if (state.made_size) facts.estimate = *state.made_size;
  if (state.present) {
    const auto& present = *state.present;
    // Whatever this process remembers: others may have evicted it.
    facts.held_bytes = services_.store.object(present.id) ? state.held.size() : 0;
    facts.version = present.version;
    if (is_ready(state)) facts.size = present.facts.size;
    facts.estimate = std::max<std::uint64_t>(present.facts.size, 1);
    facts.source = present.facts.source == kNextBest ? "download" : present.facts.source;
    if (const auto told = told_of_next_best(state)) facts.error = told->message();
    facts.url = present.facts.url;
    facts.etag = present.facts.validators.etag;
    facts.media_type = present.facts.media_type;
    facts.fetched_at = present.facts.fetched_at;
    const bool is_whole = facts.held_bytes >= present.facts.size;
    facts.state = is_whole ? ProductState::Cached : facts.held_bytes ? ProductState::Partial : ProductState::Remote;
  }
  // What failed this moment may have a request that is not ended yet; none of its bytes is waited for.
  facts.is_under_way = origin_->standing().is_under_way && !failed_lately(state);
  if (state.failure) {
    facts.error = state.failure->message();
    if (facts.state == ProductState::Remote) facts.state = ProductState::Failed;
  }
  return facts;
}

std::string CachedFile::exposure() const {
  if (!shows_region(id_.kind)) return {};
  std::optional<ObjectInfo> present;
  {
    const auto state = state_.lock();
    load_present(*state);
    present = state->present;
  }
  return present ? exposure_of(id_, services_.store, *present) : std::string();
}

std::optional<ObjectId> CachedFile::current() const {
  const auto state = state_.lock();
  load_present(*state);
  if (!state->present || state->is_outdated) return std::nullopt;
  return state->present->id;
}

Demand CachedFile::demand_of(const State& state, Demand::Change change) {
  Demand demand{.change = change,
                .size_wanted = !state.openings.empty(),
                .header_is_enough = state.readers.empty() && std::ranges::all_of(state.openings, &Opening::is_exact),
                .waiting = {},
                .ahead = {},
                .open_files = state.open_files,
                .present = state.present ? &*state.present : nullptr,
                .is_outdated = state.is_outdated,
                .held = state.held};
  for (const auto& reader : state.readers) demand.waiting.push_back(reader.range);
  for (const auto& [handle, reading] : state.readings) {
    if (!reading.ahead.empty()) demand.ahead.push_back(reading.ahead);
  }
  return demand;
}

void CachedFile::decide(Demand::Change change, const std::function<void(const Demand&, Tasks&)>& decide) {
  Tasks tasks;
  {
    const auto state = state_.lock();
    if (change == Demand::Change::More) load_present(*state);
    decide(demand_of(*state, change), tasks);
  }
  for (const auto& task : tasks) task();
}

void CachedFile::hand_down(Demand::Change change) {
  decide(change, [this](const Demand& demand, Tasks& tasks) { origin_->update(demand, tasks); });
}

void CachedFile::attend() {
  bool is_to_be_watched = false;
  {
    const auto state = state_.lock();
    is_to_be_watched = services_.watch != nullptr && !std::exchange(state->is_watched, true);
    if (is_to_be_watched) state->under_way_at = std::chrono::steady_clock::now();
  }
  if (is_to_be_watched) services_.watch->watch(weak_from_this());
  ask_again();
}

bool CachedFile::look_after(std::chrono::steady_clock::time_point now, std::chrono::steady_clock::duration deadline) {
  {
    const auto state = state_.lock();
    if (state->openings.empty() && state->readers.empty()) {
      state->is_watched = false;
      return false;
    }
    if (origin_->standing().is_under_way) state->under_way_at = now;
    if (now - state->under_way_at < deadline) return true;
  }
  failed({ErrorKind::Unavailable,
          fmt::format("somebody waits for {} and nothing is under way; this is a fault of platefs", name_)},
         {0, UINT64_MAX});
  return true;
}

void CachedFile::began(const ObjectInfo& info, bool beginning_follows) {
  std::vector<Reader> stranded, served;
  bool is_beginning_here = false;
  std::optional<Error> next_best;
  {
    const auto state = state_.lock();
    state->present = info;
    state->is_outdated = false;
    state->held = RangeSet{services_.store.held(info.id)};
    if (!state->shut) state->failure.reset();
    next_best = told_of_next_best(*state);
    if (next_best) {
      state->best_refused_at = services_.now();
    } else {
      state->best_refused.reset();
    }
    std::erase_if(state->readers, [&](Reader& reader) {
      if (is_same_version(reader.opened->facts, info.facts)) return false;
      stranded.push_back(std::move(reader));
      return true;
    });
    served = take_served(*state);
    is_beginning_here = !beginning_follows || state->held.covers(beginning_of(info.facts.size));
    state->beginning_follows = true;  // until complete_opens() is through
  }
  if (next_best) {
    services_.report(report_of(*next_best));
  } else {
    services_.clear_report(report_of(Error{ErrorKind::Cancelled, ""}));
  }
  for (auto& reader : stranded) reader.done(replaced_error());
  if (is_beginning_here) complete_opens();
  serve(std::move(served));
}

void CachedFile::stored(ObjectId object, ByteRange range) {
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

void CachedFile::failed(const Error& error, ByteRange missing) {
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
  if (is_news) services_.report(report_of(error));
  for (auto& opening : openings) opening.done(error);
  for (auto& reader : readers) reader.done(error);
}

void CachedFile::ended() {
  complete_opens();
  ask_again();
}

void CachedFile::end_readahead() {
  const auto state = state_.lock();
  for (auto& [handle, reading] : state->readings) reading.ahead = {};
}

void CachedFile::replaced(const ObjectInfo* version) {
  {
    const auto state = state_.lock();
    load_present(*state);
    if (!state->present) return;
    if (version != nullptr && !is_same_version(version->facts, state->present->facts)) return;
    state->is_outdated = true;
  }
  services_.replacements->note(key_, services_.now());
}

Error CachedFile::replaced_error() const {
  return {ErrorKind::Changed, fmt::format("{} was replaced by the archive while it was open", name_)};
}

void CachedFile::shut() {
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
  hand_down(Demand::Change::Less);
}

}  // namespace platefs::cache
