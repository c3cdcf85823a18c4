// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "vo/base/byte_range.h"

namespace platefs::cache {

/// How parts of a file can be had from a host, best first. A host that disappoints is asked in the next
/// way from then on.
enum class RangeWay {
  MultiRange,   ///< many ranges in one request
  SingleRange,  ///< one range in each request, several requests at a time
  WholeFile,    ///< it has no ranges: the file is streamed from its start
};

/// In a request: Apache answers more than 200 with the whole file.
constexpr std::size_t kSafelyManyRanges = 200;
/// Of a program that has no limit: as many as fit in the header.
constexpr std::size_t kMostRanges = 400;

/// What is known of the way to a host. The values at the beginning are a guess.
struct HostPath {
  RangeWay way = RangeWay::MultiRange;
  double round_trip_seconds = 0.05;
  double bytes_per_second = 20e6;
  bool is_if_range_understood = true;
  std::size_t most_ranges = kSafelyManyRanges;  ///< in a request
};

/// Bytes to ask for in one request: sorted, disjoint, neither touching nor empty.
using RangeRequest = std::vector<vo::ByteRange>;

std::uint64_t size_of(const RangeRequest& request);  ///< bytes in all

/// The value of a Range header. At most 7.5 kB for what plan_requests makes: servers take lines of 8 kB.
std::string range_header(const RangeRequest& request);

/// The requests that bring `wanted` (sorted, disjoint) in the least time. Pure. Two ranges become one when
/// the gap between them costs less than another part: the part's own head, and its share of the round trips
/// that more requests than `connections` need. Requests share the bytes evenly over the connections.
/// Without multi-range requests each range is one request, and large ones are cut for the connections.
std::vector<RangeRequest> plan_requests(const std::vector<vo::ByteRange>& wanted, const HostPath& path,
                                        std::size_t connections);

/// `wanted` sorted, without what is empty, and touching or overlapping ranges made one.
std::vector<vo::ByteRange> normalised(std::vector<vo::ByteRange> wanted);

/// The parts of `wanted` that `held` (sorted, disjoint) lacks.
std::vector<vo::ByteRange> without(const std::vector<vo::ByteRange>& wanted, const std::vector<vo::ByteRange>& held);

}  // namespace platefs::cache
