// SPDX-License-Identifier: BSD-3-Clause
#include "cache/files/download_origin.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

namespace platefs::cache {

using vo::ByteRange;
using vo::Error;
using vo::ErrorKind;

namespace {

constexpr std::uint64_t kFirstFetch = 128 * 1024;  // a long header, and no more than a reader of it pays
constexpr std::uint64_t kHeader = 32 * 1024;       // of most plates, in two round trips of a new connection
constexpr std::uint64_t kSmallFile = 1024 * 1024;
constexpr std::uint64_t kNotWorthBreaking = 256 * 1024;
constexpr int kFruitlessFetches = 3;

}  // namespace

DownloadOrigin::DownloadOrigin(CachedFile& file, Failed failed, Way way)
    : file_(file),
      failed_(failed ? std::move(failed)
                     : [&file](const Error& error, ByteRange missing) { file.failed(error, missing); }),
      way_(std::move(way)),
      has_no_ranges_(services().replacements->are_many(file.key(), services().now())),
      comes_from_one_answer_(has_no_ranges_) {}

Origin::Standing DownloadOrigin::standing() const {
  return {.is_under_way = finding_source_ || !fetches_.empty(),
          .serves_parts = !comes_from_one_answer_,
          .arriving_whole = arriving_whole_,
          .comes_whole = has_no_ranges_,
          .reads_ahead = true,
          .host = host_};
}

void DownloadOrigin::update(const Demand& demand, Tasks& tasks) {
  if (demand.change == Demand::Change::Less) return cancel_unwanted(demand, tasks);
  start_missing(demand, tasks);
}

void DownloadOrigin::start_missing(const Demand& demand, Tasks& tasks) {
  if (!comes_from_one_answer_ && services().replacements->are_many(file_.key(), services().now())) expect_one_answer();
  if (!source_) {
    if (finding_source_ || demand.is_nothing()) return;
    finding_source_ = true;
    return tasks.push_back([me = self()] { me->find_source(); });
  }
  for (const auto& planned : plan(demand)) begin(planned, tasks);
  if (!fetches_.empty()) return;
  fruitless_ = 0;  // nobody goes on with what broke: the next who wants something is not to pay for it
  if (!demand.size_wanted) return;
  // Another process may have brought the version that somebody here began to wait for.
  tasks.push_back([me = self()] { me->services().writer.post([me](Store&) { me->file_.complete_opens(); }); });
}

void DownloadOrigin::find_source() {
  std::optional<LinksDoubt> doubt;
  {
    const auto lock = file_.lock();
    if (refusal_) doubt = {source_told_at_, refusal_->error.kind() != ErrorKind::Malformed};
  }
  const auto take = [me = self()](const vo::Outcome<std::shared_ptr<const LinksAnswer>>& links) {
    me->take_source(links);
  };
  if (doubt) return services().files.links_anew(file_.id().plate, *doubt, take);
  services().files.links_of(file_.id().plate, take);
}

void DownloadOrigin::take_source(const vo::Outcome<std::shared_ptr<const LinksAnswer>>& links) {
  std::optional<Error> error;
  try {
    auto source = way_.location(*links.value(), file_.id());
    const auto lock = file_.lock();
    // The archive names it still: what it said of it holds, unless a cache said it.
    const bool is_refused = refusal_ && refusal_->url.text() == source.url.text();
    if (is_refused && !is_to_be_asked_past_caches(refusal_->was_past_caches, refusal_->error)) {
      error = refusal_->error;
    } else {
      host_ = source.url.origin();
      source_ = std::move(source);
      source_told_at_ = links.value()->fetched_at;
      is_source_remembered_ = links.value()->is_from_store;
    }
  } catch (...) {
    error = vo::current_error(fmt::format("finding {}", file_.name()));
  }
  if (!error) {
    file_.ask_again();
    {
      const auto lock = file_.lock();
      finding_source_ = false;  // not before something is under way that was asked for: it did not end in between
    }
    return file_.ask_again();  // what was put off meanwhile
  }
  // On the writer thread like every other end of a fetch, so that a caller's lock is never met.
  services().writer.post([me = self(), error](Store&) {
    {
      const auto lock = me->file_.lock();
      me->finding_source_ = false;
      me->refusal_.reset();
    }
    me->failed_(*error, kWholeFile);
  });
}

std::vector<PlannedRequest> DownloadOrigin::plan(const Demand& demand) const {
  if (has_no_ranges_) {
    if (!fetches_.empty() || (demand.is_nothing() && !is_to_be_cured_)) return {};
    return {{kWholeFile, true}};
  }
  if (demand.present == nullptr || demand.is_outdated) {
    if (!fetches_.empty() || demand.is_nothing()) return {};
    return {first_fetch(demand)};
  }
  RequestSituation situation{.size = demand.present->facts.size,
                             .here = demand.held,
                             .waited_for = demand.waiting,
                             .ahead = demand.ahead,
                             .under_way = fetches_.size(),
                             .connections = services().hosts.streams(host_),
                             .is_crowded = services().hosts.is_crowded(host_)};
  for (const auto& [number, fetch] : fetches_) {
    if (!fetch.given_up) situation.here.add(fetch.missing());
  }
  return plan_fetches(situation);
}

/// As much as tells the size and holds the header; a small file comes whole.
PlannedRequest DownloadOrigin::first_fetch(const Demand& demand) const {
  const bool is_small =
      file_.id().kind == ProductKind::Preview || source_->stated_size.value_or(UINT64_MAX) <= kSmallFile;
  const auto beginning = demand.header_is_enough ? kHeader : kFirstFetch;
  return {{0, is_small ? UINT64_MAX : beginning}, true};
}

/// Unless it is readahead, and that has no room for it now.
void DownloadOrigin::begin(const PlannedRequest& planned, Tasks& tasks) {
  Fetch fetch{.asked = planned.range,
              .planned_end = planned.range.end,
              .next = planned.range.first,
              .download = nullptr,
              .wait = nullptr};
  if (!planned.is_waited_for) {
    if (!services().hosts.reserve(planned.range.size())) return;
    fetch.reserved = planned.range.size();
  } else {
    fetch.wait = services().hosts.begin_wait(host_);
  }
  vo::http::Request request{.url = source_->url};
  request.on_behalf_of = file_.id().plate.table->service;
  request.priority = planned.is_waited_for ? vo::http::Priority::Reader : vo::http::Priority::Readahead;
  fetch.is_past_caches = goes_past_caches_ || stays_past_caches_;
  if (fetch.is_past_caches) request.go_past_caches();
  fetch.is_ranged = !has_no_ranges_;
  if (fetch.is_ranged) {
    request.range = planned.range;
  } else {
    is_to_be_cured_ = false;
  }
  const auto number = next_fetch_++;
  fetches_.emplace(number, std::move(fetch));
  tasks.push_back([me = self(), number, request = std::move(request)] { me->start(number, request); });
}

void DownloadOrigin::start(FetchNumber number, vo::http::Request request) {
  const auto download = Download::start(services().transport, services().writer, std::move(request),
                                        expected_kind(file_.id()), arrival(number));
  {
    const auto lock = file_.lock();
    const auto found = fetches_.find(number);
    if (found == fetches_.end()) return;  // it has ended already
    found->second.download = download;
    if (!found->second.given_up) return;
  }
  download->cancel();
}

bool DownloadOrigin::is_wanted(const Fetch& fetch, const Demand& demand) const {
  // The next answer would be another version: who comes back for this file finds it whole or never.
  if (comes_from_one_answer_) return true;
  const auto meets = [missing = fetch.missing()](ByteRange range) { return range.overlaps(missing); };
  if (demand.size_wanted || std::ranges::any_of(demand.waiting, meets)) return true;
  if (has_no_ranges_) return demand.open_files > 0;
  // Breaking the connection off would cost the next reader more than the little that is still to come.
  if (fetch.next > fetch.asked.first && fetch.missing().size() <= kNotWorthBreaking) return true;
  return std::ranges::any_of(demand.ahead, [&](ByteRange ahead) { return meets(reach_of(ahead)); });
}

void DownloadOrigin::cancel_unwanted(const Demand& demand, Tasks& tasks) {
  for (auto& [number, fetch] : fetches_) {
    if (fetch.given_up || is_wanted(fetch, demand)) continue;
    fetch.given_up = true;
    if (fetch.download) tasks.push_back([download = fetch.download] { download->cancel(); });
  }
}

/// The whole file comes in the answer to that request. False: it does already in another.
bool DownloadOrigin::begin_whole(FetchNumber number) {
  const auto lock = file_.lock();
  const auto found = fetches_.find(number);
  if (found == fetches_.end()) return true;
  const bool was_asked_for = found->second.asked == kWholeFile;
  const bool is_another = std::ranges::any_of(
      fetches_, [number](const auto& each) { return each.first != number && each.second.asked == kWholeFile; });
  if (is_another) {
    found->second.given_up = true;
    return false;
  }
  found->second.asked = kWholeFile;
  if (!was_asked_for) has_no_ranges_ = true;
  return true;
}

/// The answer may bring more than was asked for, or less. Kept are whole granules: what it brings of one
/// more, short of the file's end, is to be asked for again.
void DownloadOrigin::begin_part(FetchNumber number, const BodyStart& answer) {
  const auto lock = file_.lock();
  const auto found = fetches_.find(number);
  if (found == fetches_.end()) return;
  auto& fetch = found->second;
  const auto whole_granules = answer.end / kGranuleSize * kGranuleSize;
  const bool is_of_use = whole_granules > answer.offset && answer.end != answer.file_size.value_or(answer.end);
  fetch.asked.end = is_of_use ? whole_granules : answer.end;
  fetch.waited = answer.waited;
  fetch.answered = AccessPattern::Clock::now();
  services().hosts.note_latency(host_, fetch.answered - fetch.began);
  services().hosts.note_server(host_, answer.server);
}

void DownloadOrigin::arrives_whole(ObjectId object) {
  const auto lock = file_.lock();
  arriving_whole_ = object;
}

/// An answer is of another version than what is held: a cache on the way may hold the older one, or parts of both. What
/// the archive itself says counts, for this part and all others.
bool DownloadOrigin::is_to_be_doubted(FetchNumber number) {
  const auto lock = file_.lock();
  const auto found = fetches_.find(number);
  if (found == fetches_.end() || found->second.is_past_caches || comes_from_one_answer_) return false;
  stays_past_caches_ = true;
  return true;
}

/// A server that gives every answer another ETag or date can only be asked for all in one. Whoever was reading comes
/// back, and is to find the version that stays.
void DownloadOrigin::note_replaced() {
  if (!services().replacements->note(file_.key(), services().now())) return;
  const auto lock = file_.lock();
  expect_one_answer();
}

void DownloadOrigin::expect_one_answer() {
  has_no_ranges_ = true;
  if (!std::exchange(comes_from_one_answer_, true)) is_to_be_cured_ = !services().store.is_passing_through();
}

void DownloadOrigin::forgo_ranges() {
  const auto lock = file_.lock();
  has_no_ranges_ = true;
}

void DownloadOrigin::stored(FetchNumber number, ObjectId object, ByteRange range, bool is_visible) {
  std::size_t under_way = 0;
  {
    const auto lock = file_.lock();
    const auto found = fetches_.find(number);
    if (found != fetches_.end()) found->second.next = std::max(found->second.next, range.end);
    under_way = fetches_.size();
  }
  if (is_visible) file_.stored(object, range);
  services().hosts.note(host_, range.size(), under_way);  // nothing is fetched before the host is known
}

/// A URL that an archive named a while ago, perhaps a signed one, may be of no use any more. One that stands in the row
/// for a file may lead to the plate's links instead.
bool DownloadOrigin::should_ask_for_links_anew(const Fetch& ended, const Error& error, Progress progress) {
  constexpr std::int64_t kStillFreshSeconds = 60;
  const bool is_refused = error.kind() == ErrorKind::NotAuthorized || error.kind() == ErrorKind::NotFound;
  const bool is_remembered =
      source_told_at_ != 0 && (is_source_remembered_ || source_told_at_ < services().now() - kStillFreshSeconds);
  const bool is_no_file =
      error.kind() == ErrorKind::Malformed && source_told_at_ == 0 && file_.id().kind == ProductKind::Full;
  if (!(is_no_file || is_refused) || progress != Progress::None || ended.given_up) return false;
  if (refusal_ || !(is_remembered || is_no_file)) return refusal_ && !source_;  // they are being asked for
  refusal_ = Refusal{source_->url, error, ended.is_past_caches};
  source_.reset();
  return true;
}

/// An answer is no file, or of another version, and a cache may have given it: each that was asked for by way of caches
/// is asked for once more, and what comes after it is not asked of them at all.
bool DownloadOrigin::is_to_be_asked_past_caches(bool was_past_caches, const Error& error) {
  const bool is_contradiction = error.kind() == ErrorKind::Malformed || error.kind() == ErrorKind::Changed;
  if (!is_contradiction || was_past_caches) return false;
  return stays_past_caches_ = true;
}

/// The transport has asked again already what was refused before its body began; what broke off in the
/// middle is for us to take up.
bool DownloadOrigin::should_try_again(const Fetch& ended, const Error& error, Progress progress) {
  if (ended.given_up) return true;  // whoever came since asks anew
  // Another answer has begun a newer version: what is wanted of that is asked for.
  if (error.kind() == ErrorKind::Changed && progress != Progress::None) return true;
  if (progress == Progress::None && is_to_be_asked_past_caches(ended.is_past_caches, error)) return true;
  const bool is_asked_otherwise = ended.is_ranged && has_no_ranges_ && progress != Progress::Stored;
  if (is_asked_otherwise) return ++fruitless_ < kFruitlessFetches;
  // Without ranges another try begins at the start: it may break off in the same place for ever.
  const bool is_further = progress == Progress::Stored && !has_no_ranges_;
  if (!is_further) goes_past_caches_ = true;  // a cache breaks off where its pieces are of two versions
  fruitless_ = is_further ? 0 : fruitless_ + 1;
  return error.kind() == ErrorKind::Unavailable && progress != Progress::None && fruitless_ < kFruitlessFetches;
}

void DownloadOrigin::ended(FetchNumber number, const std::optional<Error>& error, Progress progress) {
  ByteRange missing;
  bool try_again = true, was_ahead = false;
  {
    const auto lock = file_.lock();
    const auto node = fetches_.extract(number);
    if (!node) return;
    const auto& fetch = node.mapped();
    services().hosts.give_back(fetch.reserved);
    if (!error && fetch.answered != decltype(fetch.answered){}) {
      const auto took = fetch.waited + (AccessPattern::Clock::now() - fetch.answered);
      services().hosts.learn(host_, fetch.next - fetch.asked.first, took);
    }
    missing = fetch.missing();
    // An answer that promised less than it was asked for, and broke even that, is no reason to ask again.
    if (error) missing.end = std::max(missing.end, node.mapped().planned_end);
    was_ahead = node.mapped().reserved > 0;
    if (error) {
      try_again = should_ask_for_links_anew(node.mapped(), *error, progress) ||
                  should_try_again(node.mapped(), *error, progress);
    } else {
      refusal_.reset();
      goes_past_caches_ = false;
    }
    if (!error || !try_again) fruitless_ = 0;
    if (!try_again) refusal_.reset();
  }
  if (!try_again) file_.end_readahead();
  if (error && error->kind() == ErrorKind::Changed && progress == Progress::None) file_.replaced();
  // Without a version that is known, whatever part a reader waits for, this was the request that could bring it.
  if (!try_again && !file_.current()) missing = kWholeFile;
  // A reader that waits for what was asked for ahead of all readers has not been refused yet: it is asked for again.
  if (!try_again && !was_ahead) failed_(*error, missing);
  file_.ended();
}

}  // namespace platefs::cache
