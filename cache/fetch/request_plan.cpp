// SPDX-License-Identifier: BSD-3-Clause
#include "cache/fetch/request_plan.h"

#include <algorithm>

#include "cache/store/store.h"

namespace platefs::cache {
namespace {

using vo::ByteRange;

constexpr std::uint64_t kSmallestPiece = 256 * 1024;
constexpr std::uint64_t kLargestPiece = 8ull << 20;

ByteRange on_granules(ByteRange range, std::uint64_t size) {
  range = range.clipped_to(size);
  if (range.empty()) return {};
  const auto end = (range.end + kGranuleSize - 1) / kGranuleSize * kGranuleSize;
  return ByteRange{range.first / kGranuleSize * kGranuleSize, end}.clipped_to(size);
}

/// A window is shared by the connections twice over: while one piece arrives, the next is asked for.
std::uint64_t piece_size(std::uint64_t window, std::size_t connections) {
  const auto share = window / (2 * std::max<std::size_t>(connections, 1));
  const auto piece = std::clamp(share, kSmallestPiece, kLargestPiece);
  return piece / kGranuleSize * kGranuleSize;
}

constexpr std::uint64_t kWorthDoubling = 4ull << 20;

class Planner {
 public:
  explicit Planner(const RequestSituation& situation) : given_(situation), here_(situation.here) {}

  std::vector<PlannedRequest> plan() {
    for (const auto& range : given_.waited_for) wait_for(on_granules(range, given_.size));
    if (given_.is_crowded) return std::move(planned_);
    for (const auto& window : given_.ahead) look_ahead(on_granules(window, given_.size));
    if (!given_.waited_for.empty()) look_further();
    return std::move(planned_);
  }

 private:
  void ask(ByteRange range, bool is_waited_for) {
    here_.add(range);
    planned_.push_back({range, is_waited_for});
  }

  void wait_for(ByteRange range) {
    while (const auto gap = here_.first_gap(range)) ask(with_readahead(*gap), true);
  }

  /// The gap, and what follows it without a break in a window, up to a piece; where it is crowded all of it.
  ByteRange with_readahead(ByteRange gap) const {
    for (const auto& window : given_.ahead) {
      const bool follows = window.first <= gap.end && gap.end < window.end;
      if (!follows) continue;
      const auto piece = given_.is_crowded ? window.size() : piece_size(window.size(), given_.connections);
      const auto wanted = on_granules({gap.end, std::min(window.end, gap.end + piece)}, given_.size);
      const auto more = here_.first_gap(wanted);
      if (more && more->first == gap.end) return {gap.first, more->end};
    }
    return gap;
  }

  // A window of less than a request's worth only lengthens the requests of those who wait.
  void look_ahead(ByteRange window) {
    if (window.size() < kSmallestPiece) return;
    const auto piece = piece_size(window.size(), given_.connections);
    auto rest = window;
    while (given_.under_way + planned_.size() < given_.connections) {
      const auto gap = here_.first_gap(rest);
      if (!gap) return;
      if (is_worth_asking(*gap, window, piece)) {
        ask({gap->first, std::min(gap->end, gap->first + piece)}, false);
      } else {
        rest.first = gap->end;
      }
    }
  }

  // What a reader waits for is under way, maybe on a connection that has lost a packet: the others go on.
  void look_further() {
    for (const auto& window : given_.ahead) {
      const auto piece = piece_size(window.size(), given_.connections);
      auto rest = on_granules({window.end, reach_of(window).end}, given_.size);
      while (given_.under_way + planned_.size() < given_.connections) {
        const auto gap = here_.first_gap(rest);
        if (!gap) break;
        if (gap->size() >= piece) {
          ask({gap->first, gap->first + piece}, false);
        } else {
          rest.first = gap->end;
        }
      }
    }
  }

  /// A window moves with every read; a request for each step would be one for each read.
  bool is_worth_asking(ByteRange gap, ByteRange window, std::uint64_t piece) const {
    const bool is_near = gap.first - window.first < window.size() / 2;
    return gap.size() >= piece || gap.end >= given_.size || gap.end < window.end || is_near;
  }

  const RequestSituation& given_;
  RangeSet here_;
  std::vector<PlannedRequest> planned_;
};

}  // namespace

ByteRange reach_of(ByteRange window) {
  return {window.first, window.size() < kWorthDoubling ? window.end : window.end + window.size()};
}

std::vector<PlannedRequest> plan_fetches(const RequestSituation& situation) { return Planner(situation).plan(); }

}  // namespace platefs::cache
