// SPDX-License-Identifier: BSD-3-Clause
#include "cache/files/file_product.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "cache/files/file_arrival.h"

namespace platefs::cache {

using vo::ByteRange;
using vo::Error;
using vo::ErrorKind;

namespace {

constexpr std::uint64_t kFirstFetch = 128 * 1024;  // a long header, and no more than a reader of it pays
constexpr std::uint64_t kSmallFile = 1024 * 1024;
constexpr std::uint64_t kNotWorthBreaking = 256 * 1024;
constexpr std::uint64_t kAheadInMemory = 8ull << 20;
constexpr int kFruitlessFetches = 3;

}  // namespace

FileProduct::FileProduct(ProductServices given, ProductId id) : StoredProduct(std::move(given), std::move(id)) {
  if (!services().replacements->are_many(key(), services().now())) return;
  fetching_.lock()->has_no_ranges = true;
  comes_from_one_answer_ = true;
}

ProductFacts FileProduct::expected() const {
  return expected_facts(id(), services().files.known_links(id().plate).get());
}

// On the writer thread like every other end of a fetch, so that a caller's lock is never met.
void FileProduct::fail(const Error& error) {
  services().writer.post([me = self(), error](Store&) {
    me->fetching_.lock()->finding_source = false;
    me->give_up(error, {0, UINT64_MAX});
  });
}

void FileProduct::find_source() {
  services().files.links_of(id().plate, [me = self()](const vo::Outcome<std::shared_ptr<const LinksAnswer>>& links) {
    try {
      auto source = file_source(*links.value(), me->id(), me->file_name());
      {
        const auto fetching = me->fetching_.lock();
        fetching->source = std::move(source);
        fetching->finding_source = false;
      }
      me->pump();
    } catch (...) {
      me->fail(vo::current_error(fmt::format("finding {}", me->file_name())));
    }
  });
}

/// Starts whatever should be under way now and is not.
void FileProduct::pump() {
  std::vector<Start> starts;
  bool must_find_source = false, is_at_rest = false;
  {
    const auto fetching = fetching_.lock();
    if (fetching->source) {
      starts = next_starts(*fetching);
      is_at_rest = fetching->fetches.empty();
    } else if (!fetching->finding_source && !wanted().nothing()) {
      must_find_source = fetching->finding_source = true;
    }
  }
  if (must_find_source) return find_source();
  // Another process may have brought the version that somebody here began to wait for.
  if (is_at_rest && wanted().by_opening) services().writer.post([me = self()](Store&) { me->complete_opens(); });
  for (auto& what : starts) start(std::move(what));
}

std::vector<FileProduct::Start> FileProduct::next_starts(Fetching& fetching) {
  std::vector<Start> starts;
  for (const auto& planned : plan(fetching)) {
    if (auto what = begin(fetching, planned)) starts.push_back(std::move(*what));
  }
  return starts;
}

std::vector<PlannedRequest> FileProduct::plan(const Fetching& fetching) const {
  const auto wanted_now = wanted();
  const auto version = present();
  if (fetching.has_no_ranges) return plan_whole(fetching, wanted_now);
  if (!version || is_outdated()) {
    if (!fetching.fetches.empty() || wanted_now.nothing()) return {};
    return {first_fetch(*fetching.source)};
  }
  RequestSituation situation{.size = version->facts.size,
                             .here = held(),
                             .waited_for = wanted_now.by_readers,
                             .ahead = {},
                             .under_way = fetching.fetches.size(),
                             .connections = services().readahead.streams(fetching.source->url.origin())};
  for (const auto& [number, fetch] : fetching.fetches) {
    if (!fetch.given_up) situation.here.add(fetch.missing());
  }
  for (const auto& [handle, reading] : fetching.readings) {
    if (!reading.ahead.empty()) situation.ahead.push_back(reading.ahead);
  }
  return plan_fetches(situation);
}

std::vector<PlannedRequest> FileProduct::plan_whole(const Fetching& fetching, const Wanted& wanted_now) const {
  if (!fetching.fetches.empty() || (wanted_now.nothing() && !fetching.is_to_be_cured)) return {};
  return {{{0, UINT64_MAX}, true}};
}

/// As much as tells the size and holds the header; a small file comes whole.
PlannedRequest FileProduct::first_fetch(const FileLocation& source) const {
  const bool is_small = id().kind == ProductKind::Preview || source.stated_size.value_or(UINT64_MAX) <= kSmallFile;
  return {{0, is_small ? UINT64_MAX : kFirstFetch}, true};
}

/// Notes the fetch as under way. Nothing when readahead has no room for it now.
std::optional<FileProduct::Start> FileProduct::begin(Fetching& fetching, const PlannedRequest& planned) {
  Fetch fetch{
      .asked = planned.range, .planned_end = planned.range.end, .next = planned.range.first, .download = nullptr};
  if (!planned.is_waited_for) {
    if (!services().readahead.reserve(planned.range.size())) return std::nullopt;
    fetch.reserved = planned.range.size();
  }
  Start what{fetching.next_fetch++, {.url = fetching.source->url}};
  what.request.on_behalf_of = id().plate.table->service;
  fetch.is_ranged = !fetching.has_no_ranges;
  if (!fetch.is_ranged) fetching.is_to_be_cured = false;
  if (fetch.is_ranged) what.request.range = planned.range;
  what.request.priority = planned.is_waited_for ? vo::http::Priority::Reader : vo::http::Priority::Readahead;
  fetching.fetches.emplace(what.number, std::move(fetch));
  return what;
}

void FileProduct::start(Start what) {
  auto download = Download::start(services().transport, services().writer, std::move(what.request), expected_kind(id()),
                                  std::make_shared<Arrival>(self(), what.number));
  bool given_up = false;
  {
    const auto fetching = fetching_.lock();
    const auto found = fetching->fetches.find(what.number);
    if (found == fetching->fetches.end()) return;  // it has ended already
    found->second.download = download;
    given_up = found->second.given_up;
  }
  if (given_up) download->cancel();
}

bool FileProduct::is_wanted(const Fetching& fetching, const Fetch& fetch, const Wanted& wanted) const {
  // The next answer would be another version: who comes back for this file finds it whole or never.
  if (comes_from_one_answer()) return true;
  const auto meets = [missing = fetch.missing()](ByteRange range) { return range.overlaps(missing); };
  if (wanted.by_opening || std::ranges::any_of(wanted.by_readers, meets)) return true;
  if (fetching.has_no_ranges) return wanted.open_files > 0;
  // Breaking the connection off would cost the next reader more than the little that is still to come.
  if (fetch.next > fetch.asked.first && fetch.missing().size() <= kNotWorthBreaking) return true;
  return std::ranges::any_of(fetching.readings,
                             [&](const auto& reading) { return meets(reach_of(reading.second.ahead)); });
}

void FileProduct::trim() {
  std::vector<std::shared_ptr<Download>> unwanted;
  {
    const auto fetching = fetching_.lock();
    const auto wanted_now = wanted();
    for (auto& [number, fetch] : fetching->fetches) {
      if (fetch.given_up || is_wanted(*fetching, fetch, wanted_now)) continue;
      fetch.given_up = true;
      if (fetch.download) unwanted.push_back(fetch.download);
    }
  }
  for (const auto& download : unwanted) download->cancel();
}

bool FileProduct::is_under_way() const {
  const auto fetching = fetching_.lock();
  return fetching->finding_source || !fetching->fetches.empty();
}

void FileProduct::on_read(Handle handle, ByteRange range) {
  const auto fetching = fetching_.lock();
  auto& reading = fetching->readings[handle];
  const auto origin = fetching->source ? fetching->source->url.origin() : std::string();
  auto& readahead = services().readahead;
  reading.ahead = reading.pattern.on_read(range, AccessPattern::Clock::now(), readahead.ahead(origin));
  if (!reading.run && reading.pattern.has_run()) reading.run = readahead.begin_run(origin);
  if (const auto version = present()) reading.ahead = reading.ahead.clipped_to(version->facts.size);
  // What only memory holds is soon gone: no further ahead than it reaches.
  if (services().store.is_passing_through()) {
    reading.ahead.end = std::min(reading.ahead.end, reading.ahead.first + kAheadInMemory);
  }
}

void FileProduct::look_ahead(Handle handle) {
  ByteRange ahead;
  {
    const auto fetching = fetching_.lock();
    const auto found = fetching->readings.find(handle);
    if (found != fetching->readings.end()) ahead = found->second.ahead;
  }
  if (!ahead.empty() && !holds(ahead)) pump();
}

void FileProduct::on_close(Handle handle) { fetching_.lock()->readings.erase(handle); }

/// The whole file comes in the answer to that request. False: it does already in another.
bool FileProduct::begin_whole(FetchNumber number) {
  const auto fetching = fetching_.lock();
  const auto found = fetching->fetches.find(number);
  if (found == fetching->fetches.end()) return true;
  const bool was_asked_for = found->second.asked == ByteRange{0, UINT64_MAX};
  const bool is_another = std::ranges::any_of(fetching->fetches, [number](const auto& each) {
    return each.first != number && each.second.asked == ByteRange{0, UINT64_MAX};
  });
  if (is_another) {
    found->second.given_up = true;
    return false;
  }
  found->second.asked = {0, UINT64_MAX};
  if (!was_asked_for) fetching->has_no_ranges = true;
  return true;
}

/// The answer may bring more than was asked for, or less. Kept are whole granules: what it brings of one
/// more, short of the file's end, is to be asked for again.
void FileProduct::begin_part(FetchNumber number, ByteRange part, std::uint64_t file_size) {
  const auto fetching = fetching_.lock();
  const auto found = fetching->fetches.find(number);
  if (found == fetching->fetches.end()) return;
  const auto whole_granules = part.end / kGranuleSize * kGranuleSize;
  const bool is_of_use = whole_granules > part.first && part.end != file_size;
  found->second.asked.end = is_of_use ? whole_granules : part.end;
  services().readahead.note_latency(fetching->source->url.origin(), AccessPattern::Clock::now() - found->second.began);
}

/// A server that gives every answer another ETag or date can only be asked for all in one. Whoever was reading comes
/// back, and is to find the version that stays.
void FileProduct::note_replaced() {
  if (!services().replacements->note(key(), services().now())) return;
  const auto fetching = fetching_.lock();
  fetching->has_no_ranges = true;
  if (!comes_from_one_answer_.exchange(true)) fetching->is_to_be_cured = !services().store.is_passing_through();
}

bool FileProduct::can_refill(const ObjectInfo& present) const {
  return !comes_from_one_answer() || arriving_whole_ == present.id;
}

void FileProduct::forgo_ranges() { fetching_.lock()->has_no_ranges = true; }

void FileProduct::stored(FetchNumber number, ObjectId object, ByteRange range, bool is_visible) {
  std::string origin;
  std::size_t under_way = 0;
  {
    const auto fetching = fetching_.lock();
    const auto found = fetching->fetches.find(number);
    if (found != fetching->fetches.end()) found->second.next = std::max(found->second.next, range.end);
    under_way = fetching->fetches.size();
    if (fetching->source) origin = fetching->source->url.origin();
  }
  if (is_visible) have_bytes(object, range);
  services().readahead.note(origin, range.size(), under_way);
}

/// The transport has asked again already what was refused before its body began; what broke off in the
/// middle is for us to take up.
bool FileProduct::should_try_again(Fetching& fetching, const Fetch& ended, const Error& error, Progress progress) {
  if (ended.given_up) return true;  // whoever came since asks anew
  // Another answer has begun a newer version: what is wanted of that is asked for.
  if (error.kind() == ErrorKind::Changed && progress != Progress::None) return true;
  const bool is_asked_otherwise = ended.is_ranged && fetching.has_no_ranges && progress != Progress::Stored;
  if (is_asked_otherwise) return ++fetching.fruitless < kFruitlessFetches;
  // Without ranges another try begins at the start: it may break off in the same place for ever.
  const bool is_further = progress == Progress::Stored && !fetching.has_no_ranges;
  fetching.fruitless = is_further ? 0 : fetching.fruitless + 1;
  return error.kind() == ErrorKind::Unavailable && progress != Progress::None && fetching.fruitless < kFruitlessFetches;
}

void FileProduct::ended(FetchNumber number, const std::optional<Error>& error, Progress progress) {
  ByteRange missing;
  bool try_again = true, was_ahead = false;
  {
    const auto fetching = fetching_.lock();
    const auto node = fetching->fetches.extract(number);
    if (!node) return;
    services().readahead.give_back(node.mapped().reserved);
    missing = node.mapped().missing();
    // An answer that promised less than it was asked for, and broke even that, is no reason to ask again.
    if (error) missing.end = std::max(missing.end, node.mapped().planned_end);
    was_ahead = node.mapped().reserved > 0;
    if (error) try_again = should_try_again(*fetching, node.mapped(), *error, progress);
    if (!error || !try_again) fetching->fruitless = 0;
    if (!try_again) {
      for (auto& [handle, reading] : fetching->readings) reading.ahead = {};
    }
  }
  if (error && error->kind() == ErrorKind::Changed && progress == Progress::None) {
    if (const auto version = present()) was_replaced(version->version);
  }
  // Who waits for what was asked for ahead of all readers has not been refused yet: pump() asks for him.
  if (!try_again && !was_ahead) {
    if (comes_otherwise(*error)) return;
    give_up(*error, missing);
  }
  if (present()) complete_opens();
  pump();
}

}  // namespace platefs::cache
