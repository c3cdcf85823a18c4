// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "cache/store/range_set.h"
#include "vo/base/byte_range.h"

namespace platefs::cache {

/// What is known when it has to be decided what to ask for next.
struct RequestSituation {
  std::uint64_t size = 0;                 ///< of the file
  RangeSet here;                          ///< held, or asked for already
  std::vector<vo::ByteRange> waited_for;  ///< by readers, now
  std::vector<vo::ByteRange> ahead;       ///< what readers will want next, see AccessPattern
  std::size_t under_way = 0;              ///< requests in flight for this file
  std::size_t connections = 4;            ///< requests in flight that readahead may fill up to
  bool is_crowded = false;                ///< other readers keep the connections busy: HostProfiles::is_crowded
};

struct PlannedRequest {
  vo::ByteRange range;  ///< on granule borders, or to the end of the file
  bool is_waited_for = false;

  friend bool operator==(const PlannedRequest&, const PlannedRequest&) = default;
};

/// As far as readahead goes while the reader of `window` is held up and connections would be idle: over a
/// long window once more.
vo::ByteRange reach_of(vo::ByteRange window);

/// The requests to start now. Pure. What readers wait for is asked for at once and exactly; readahead
/// that follows it comes along in the same request. Further readahead is cut into pieces so that the
/// connections share it, and waits until a piece is worth a request; where it is crowded there is none.
std::vector<PlannedRequest> plan_fetches(const RequestSituation& situation);

}  // namespace platefs::cache
