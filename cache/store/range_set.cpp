// SPDX-License-Identifier: BSD-3-Clause
#include "cache/store/range_set.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace platefs::cache {

using vo::ByteRange;

RangeSet::RangeSet(const std::vector<ByteRange>& ranges) {
  for (const auto& range : ranges) add(range);
}

void RangeSet::add(ByteRange range) {
  if (range.empty()) return;
  auto first = std::lower_bound(ranges_.begin(), ranges_.end(), range.first,
                                [](const ByteRange& r, std::uint64_t at) { return r.end < at; });
  auto last = first;
  while (last != ranges_.end() && last->first <= range.end) {
    range.first = std::min(range.first, last->first);
    range.end = std::max(range.end, last->end);
    ++last;
  }
  ranges_.insert(ranges_.erase(first, last), range);
}

void RangeSet::remove(ByteRange range) {
  if (range.empty()) return;
  std::vector<ByteRange> left;
  for (const auto& held : ranges_) {
    const ByteRange before{held.first, std::min(held.end, range.first)};
    const ByteRange behind{std::max(held.first, range.end), held.end};
    if (before.first < before.end) left.push_back(before);
    if (behind.first < behind.end) left.push_back(behind);
  }
  ranges_ = std::move(left);
}

bool RangeSet::covers(ByteRange range) const { return range.empty() || !first_gap(range); }

std::uint64_t RangeSet::size() const {
  return std::accumulate(ranges_.begin(), ranges_.end(), std::uint64_t{0},
                         [](std::uint64_t sum, const ByteRange& r) { return sum + r.size(); });
}

std::optional<ByteRange> RangeSet::first_gap(ByteRange range) const {
  for (const auto& held : ranges_) {
    if (range.empty()) return std::nullopt;
    if (held.end <= range.first) continue;
    if (held.first > range.first) return ByteRange{range.first, std::min(range.end, held.first)};
    range.first = held.end;
  }
  if (range.empty()) return std::nullopt;
  return range;
}

}  // namespace platefs::cache
