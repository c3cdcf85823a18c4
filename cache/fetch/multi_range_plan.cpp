// SPDX-License-Identifier: BSD-3-Clause
#include "cache/fetch/multi_range_plan.h"

#include <fmt/format.h>

#include <algorithm>

namespace platefs::cache {
namespace {

using vo::ByteRange;
using Ranges = std::vector<ByteRange>;

constexpr std::size_t kLongestHeader = 7500;
constexpr double kPartBytes = 160;     // boundary, Content-Type, Content-Range, and the range asked for
constexpr double kRequestBytes = 600;  // heads of a request and its answer
// However near an archive is, a request of its own is work for both sides.
constexpr double kLeastOfARequest = 0.01;  // seconds
constexpr std::uint64_t kWorthARequest = 256 * 1024;

Ranges coalesced(const Ranges& ranges, double worthwhile_gap) {
  Ranges result;
  for (const auto& range : ranges) {
    const bool is_near = !result.empty() && static_cast<double>(range.first - result.back().end) <= worthwhile_gap;
    if (is_near) {
      result.back().end = range.end;
    } else {
      result.push_back(range);
    }
  }
  return result;
}

double bytes_of_round_trip(const HostPath& path) {
  return std::max(path.round_trip_seconds, kLeastOfARequest) * path.bytes_per_second;
}

std::size_t digits(std::uint64_t value) { return fmt::formatted_size("{}", value); }

std::size_t header_length(const ByteRange& range) { return digits(range.first) + digits(range.end) + 2; }

/// Ranges in a row for one request until it is full.
std::vector<RangeRequest> packed(const Ranges& ranges, std::size_t most_ranges, std::uint64_t most_bytes) {
  std::vector<RangeRequest> requests;
  std::uint64_t bytes = 0;
  std::size_t length = 0;
  for (const auto& range : ranges) {
    length += header_length(range);
    const bool is_full =
        requests.empty() || requests.back().size() == most_ranges || bytes >= most_bytes || length > kLongestHeader;
    if (is_full) {
      requests.emplace_back();
      bytes = 0;
      length = header_length(range);
    }
    requests.back().push_back(range);
    bytes += range.size();
  }
  return requests;
}

/// A number of requests that the connections can share evenly.
std::size_t request_count(const Ranges& ranges, std::size_t most_ranges, std::size_t connections) {
  const auto needed = (ranges.size() + most_ranges - 1) / most_ranges;
  const auto worthwhile = std::min<std::uint64_t>(connections, size_of(ranges) / kWorthARequest + 1);
  const auto count = std::max<std::size_t>(needed, worthwhile);
  return count <= connections ? count : (count + connections - 1) / connections * connections;
}

std::vector<RangeRequest> multi_range_requests(const Ranges& wanted, const HostPath& path, std::size_t connections) {
  const auto at_once = static_cast<double>(path.most_ranges * connections);
  auto ranges = coalesced(wanted, kPartBytes);
  if (static_cast<double>(ranges.size()) > at_once) {
    ranges = coalesced(wanted, kPartBytes + bytes_of_round_trip(path) / at_once);
  }
  const auto count = request_count(ranges, path.most_ranges, connections);
  const auto most_ranges = std::min(path.most_ranges, (ranges.size() + count - 1) / count);
  return packed(ranges, most_ranges, size_of(ranges) / count + 1);
}

/// Cut so that the connections share a large range.
void append_cut(std::vector<RangeRequest>& requests, const ByteRange& range, std::size_t connections) {
  const auto piece = std::max<std::uint64_t>(range.size() / connections + 1, kWorthARequest);
  for (auto first = range.first; first < range.end; first += piece) {
    requests.push_back({{first, std::min(first + piece, range.end)}});
  }
}

std::vector<RangeRequest> single_range_requests(const Ranges& wanted, const HostPath& path, std::size_t connections) {
  const double gap = kRequestBytes + bytes_of_round_trip(path) / static_cast<double>(connections);
  std::vector<RangeRequest> requests;
  for (const auto& range : coalesced(wanted, gap)) append_cut(requests, range, connections);
  return requests;
}

}  // namespace

std::uint64_t size_of(const RangeRequest& request) {
  std::uint64_t size = 0;
  for (const auto& range : request) size += range.size();
  return size;
}

std::string range_header(const RangeRequest& request) {
  std::string text = "bytes=";
  for (const auto& range : request) {
    fmt::format_to(std::back_inserter(text), "{}{}-{}", text.ends_with('=') ? "" : ",", range.first, range.end - 1);
  }
  return text;
}

std::vector<RangeRequest> plan_requests(const std::vector<ByteRange>& wanted, const HostPath& path,
                                        std::size_t connections) {
  if (wanted.empty()) return {};
  if (path.way == RangeWay::MultiRange) return multi_range_requests(wanted, path, connections);
  return single_range_requests(wanted, path, connections);
}

std::vector<ByteRange> normalised(std::vector<ByteRange> wanted) {
  std::erase_if(wanted, [](const ByteRange& range) { return range.empty(); });
  std::ranges::sort(wanted);
  Ranges result;
  for (const auto& range : wanted) {
    if (!result.empty() && range.first <= result.back().end) {
      result.back().end = std::max(result.back().end, range.end);
    } else {
      result.push_back(range);
    }
  }
  return result;
}

std::vector<ByteRange> without(const std::vector<ByteRange>& wanted, const std::vector<ByteRange>& held) {
  Ranges missing;
  auto next = held.begin();
  for (auto range : wanted) {
    while (next != held.end() && next->end <= range.first) ++next;
    for (auto each = next; each != held.end() && each->first < range.end; ++each) {
      if (each->first > range.first) missing.push_back({range.first, each->first});
      range.first = std::min(each->end, range.end);
    }
    if (!range.empty()) missing.push_back(range);
  }
  return missing;
}

}  // namespace platefs::cache
