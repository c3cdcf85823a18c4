// SPDX-License-Identifier: BSD-3-Clause
#include <fmt/core.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "cache/files/remote_fits.h"
#include "vo/base/wait_for.h"

namespace platefs::cache {

using vo::ByteRange;
using vo::Error;
using vo::ErrorKind;

namespace {

/// A stretch that long is worth keeping, and loses little by being rounded to granules.
constexpr std::uint64_t kWorthKeeping = 256 * 1024;
/// And one that long can be shared by the connections.
constexpr std::uint64_t kWorthARequest = 1024 * 1024;
constexpr int kFruitlessRounds = 2;

bool is_one_long_range(const RangeRequest& request) {
  return request.size() == 1 && request.front().size() >= kWorthKeeping;
}

/// A signed address behind a redirect may have run out; the first one gives a new one.
bool may_be_a_stale_address(ErrorKind kind) {
  return kind == ErrorKind::NotFound || kind == ErrorKind::NotAuthorized || kind == ErrorKind::Rejected;
}

}  // namespace

/// Where the bytes of the wanted ranges go: sorted ranges, one behind the other in one buffer.
class RemoteFitsSource::Assembly {
 public:
  Assembly(const Ranges& wanted, std::span<std::byte> buffer) : wanted_(wanted), buffer_(buffer) {
    std::size_t at = 0;
    for (const auto& range : wanted) {
      starts_.push_back(at);
      at += range.size();
    }
  }

  void put(std::uint64_t offset, std::span<const std::byte> bytes) {
    for_each_place({offset, offset + bytes.size()}, [&](ByteRange common, std::span<std::byte> place) {
      std::memcpy(place.data(), bytes.data() + (common.first - offset), place.size());
    });
  }

  void put(ByteRange range, const Extent& extent) {
    std::vector<std::byte> bytes(range.size());
    copy_extent(extent, bytes);
    put(range.first, bytes);
  }

 private:
  template <typename Place>
  void for_each_place(ByteRange range, const Place& place) {
    auto each = std::ranges::upper_bound(wanted_, range.first, {}, &ByteRange::end);
    for (; each != wanted_.end() && each->first < range.end; ++each) {
      const ByteRange common{std::max(each->first, range.first), std::min(each->end, range.end)};
      const auto start = starts_[static_cast<std::size_t>(each - wanted_.begin())];
      place(common, buffer_.subspan(start + (common.first - each->first), common.size()));
    }
  }

  const Ranges& wanted_;
  std::span<std::byte> buffer_;
  std::vector<std::size_t> starts_;
};

/// Requests that run side by side; what still runs at the end is given up.
class RemoteFitsSource::Round {
 public:
  Round(vo::Transport& transport, const RemoteVersion& version, const std::vector<RangeRequest>& requests) {
    for (const auto& request : requests) {
      running_.push_back(MultiRangeRequest::start(transport, version, request));
    }
  }
  ~Round() {
    for (const auto& each : running_) each.ticket.cancel();
  }
  Round(const Round&) = delete;
  Round& operator=(const Round&) = delete;

  std::vector<RangeAnswer> answers(const std::stop_token& stop) {
    std::vector<RangeAnswer> answers;
    for (const auto& each : running_) answers.push_back(each.box->take(stop));
    return answers;
  }

 private:
  std::vector<MultiRangeRequest::Running> running_;
};

RemoteFitsSource::RemoteFitsSource(Application application, std::shared_ptr<OpenFile> file, const ObjectInfo& plate,
                                   vo::Url url, std::stop_token stop)
    : house_(application),
      file_(std::move(file)),
      object_(plate.id),
      version_{std::move(url), file_->size(), plate.facts.validators, house_.service},
      first_url_(version_.url),
      origin_(version_.url.origin()),
      stop_(std::move(stop)) {}

void RemoteFitsSource::read(std::span<const ByteRange> ranges, std::span<std::byte> out) {
  for (const auto& range : ranges) {
    if (range.end <= size()) continue;
    throw Error{ErrorKind::Malformed,
                fmt::format("the FITS file ends at byte {} although its header tells of {} bytes", size(), range.end)};
  }
  const auto wanted = normalised({ranges.begin(), ranges.end()});
  if (std::ranges::equal(wanted, ranges)) {
    Assembly assembly{wanted, out};
    return fetch(take_from_store(wanted, assembly), assembly);
  }
  std::uint64_t total = 0;
  for (const auto& range : wanted) total += range.size();
  std::vector<std::byte> sorted(total);
  Assembly assembly{wanted, sorted};
  fetch(take_from_store(wanted, assembly), assembly);
  std::size_t at = 0;
  for (const auto& range : ranges) {
    std::size_t start = 0;
    for (const auto& each : wanted) {
      if (each.covers(range)) {
        std::memcpy(out.data() + at, sorted.data() + start + (range.first - each.first), range.size());
        break;
      }
      start += each.size();
    }
    at += range.size();
  }
}

RemoteFitsSource::Ranges RemoteFitsSource::take_from_store(const Ranges& wanted, Assembly& assembly) const {
  RangeSet taken;
  const auto held = house_.store.held(object_);
  auto each = held.begin();
  for (const auto& range : wanted) {
    while (each != held.end() && each->end <= range.first) ++each;
    for (auto here = each; here != held.end() && here->first < range.end; ++here) {
      const ByteRange common{std::max(here->first, range.first), std::min(here->end, range.end)};
      const auto extent = house_.store.read(object_, common);
      if (!extent) continue;  // failed its checksum: missing after all
      assembly.put(common, *extent);
      taken.add(common);
    }
  }
  return without(wanted, taken.ranges());
}

void RemoteFitsSource::fetch(Ranges missing, Assembly& assembly) {
  int fruitless = 0;
  while (!missing.empty()) {
    const auto path = house_.hosts.path_to(origin_);
    if (path.way == RangeWay::WholeFile || file_->comes_whole() || missing.size() == 1) {
      return read_through_product(missing, assembly);
    }
    version_.is_if_range_understood = path.is_if_range_understood;
    auto requests = plan_requests(missing, path, house_.hosts.connections());
    Ranges kept;
    std::erase_if(requests, [&kept](const RangeRequest& request) {
      if (is_one_long_range(request)) kept.push_back(request.front());
      return is_one_long_range(request);
    });
    kept = shared(kept);
    const auto asked = ask_product(kept);
    const auto got = gather(requests, path.way, assembly);
    take_from_product(kept, asked, assembly);
    const auto before = missing;
    missing = without(without(missing, got.ranges()), kept);
    if (missing != before) continue;
    const auto now = house_.hosts.path_to(origin_);
    if (now.way != path.way || now.is_if_range_understood != path.is_if_range_understood ||
        now.most_ranges != path.most_ranges) {
      continue;
    }
    if (++fruitless == kFruitlessRounds) return read_through_product(missing, assembly);
  }
}

/// Long ranges are cut between granules, so that the connections share them.
RemoteFitsSource::Ranges RemoteFitsSource::shared(const Ranges& ranges) const {
  Ranges pieces;
  for (const auto& range : ranges) {
    const auto share = range.size() / house_.hosts.connections() / kGranuleSize * kGranuleSize;
    const auto length = std::max<std::uint64_t>(share, kWorthARequest);
    auto first = range.first;
    while (first < range.end) {
      const auto border = (first + length) / kGranuleSize * kGranuleSize;
      const auto end = range.end - std::min(border, range.end) < kWorthARequest ? range.end : border;
      pieces.push_back({first, end});
      first = end;
    }
  }
  return pieces;
}

RemoteFitsSource::Asked RemoteFitsSource::ask_product(const Ranges& ranges) {
  Asked asked;
  for (const auto& range : ranges) {
    asked.push_back(vo::asked<Extent>([&](auto done) { file_->read_exactly(range, std::move(done)); }));
  }
  return asked;
}

void RemoteFitsSource::read_through_product(const Ranges& ranges, Assembly& assembly) {
  const auto pieces = shared(ranges);
  take_from_product(pieces, ask_product(pieces), assembly);
}

void RemoteFitsSource::take_from_product(const Ranges& ranges, const Asked& asked, Assembly& assembly) {
  for (std::size_t i = 0; i < ranges.size(); ++i) assembly.put(ranges[i], asked[i]->take(stop_));
}

RangeSet RemoteFitsSource::gather(const std::vector<RangeRequest>& requests, RangeWay way, Assembly& assembly) {
  Round round{house_.transport, version_, requests};
  const auto answers = round.answers(stop_);
  house_.hosts.learn(origin_, answers);
  if (const auto error = judge(answers, way)) {
    if (error->kind() != ErrorKind::Changed) throw *error;
    // Only what the archive itself says counts: a cache may have kept these ranges of another version.
    if (!std::exchange(version_.is_asked_past_caches, true)) return {};
    file_->was_replaced();
    throw *error;
  }
  RangeSet got;
  for (const auto& answer : answers) {
    std::size_t at = 0;
    for (const auto& range : answer.asked) {
      const std::span bytes{answer.bytes.data() + at, range.size()};
      at += range.size();
      for (const auto& part : answer.got.ranges()) {
        const ByteRange common{std::max(part.first, range.first), std::min(part.end, range.end)};
        if (common.empty()) continue;
        assembly.put(common.first, bytes.subspan(common.first - range.first, common.size()));
        got.add(common);
      }
    }
  }
  return got;
}

/// Learns from what went wrong. An error is returned when trying on makes no sense: what is merely
/// broken off is asked for again, and what cannot be had this way in another.
std::optional<Error> RemoteFitsSource::judge(const std::vector<RangeAnswer>& answers, RangeWay way) {
  bool disappointed = false;
  std::size_t most_ranges = 0;
  std::optional<Error> error;
  for (const auto& answer : answers) {
    if (answer.misread_if_range) {
      house_.hosts.misreads_if_range(origin_);
      continue;
    }
    const bool is_incomplete = !answer.error && answer.got.size() < answer.bytes.size();
    const bool is_nonsense = answer.error && answer.error->kind() == ErrorKind::Malformed;
    disappointed = disappointed || answer.ignored_ranges || answer.too_much || is_incomplete || is_nonsense;
    most_ranges = std::max(most_ranges, answer.asked.size());
    const bool may_pass =
        is_nonsense || (answer.error && answer.error->kind() == ErrorKind::Unavailable && answer.got.size() > 0);
    const bool has_changed = answer.error && answer.error->kind() == ErrorKind::Changed;
    if (answer.error && !may_pass && (!error || has_changed)) error = answer.error;
    if (answer.from && !answer.error) version_.url = *answer.from;
  }
  if (disappointed) house_.hosts.disappointed(origin_, way, most_ranges);
  if (error && may_be_a_stale_address(error->kind()) && !(version_.url == first_url_)) {
    version_.url = first_url_;
    error.reset();
  }
  return error;
}

}  // namespace platefs::cache
