// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <map>
#include <span>
#include <string>

#include "cache/fetch/multi_range_plan.h"
#include "cache/fetch/multi_range_request.h"
#include "vo/base/guarded.h"

namespace platefs::cache {

/// What was learned of hosts while this process runs: which way ranges can be had from them, how long a
/// round trip takes, how fast bytes come. Thread-safe.
class RangeHosts {
 public:
  /// `connections`: requests that a host may have under way for us.
  explicit RangeHosts(std::size_t connections) : connections_(connections == 0 ? 1 : connections) {}

  std::size_t connections() const { return connections_; }
  HostPath path_to(const std::string& origin) const;

  /// `way` did not work there: the next one is taken from now on.
  void disappointed(const std::string& origin, RangeWay way);
  /// If-Range is taken for something else there: no longer sent.
  void misreads_if_range(const std::string& origin);
  /// Requests that ran side by side have ended.
  void learn(const std::string& origin, std::span<const RangeAnswer> answers);

 private:
  using Paths = std::map<std::string, HostPath>;
  static HostPath& path_in(Paths& paths, const std::string& origin);

  std::size_t connections_;
  vo::Guarded<Paths> paths_;
};

}  // namespace platefs::cache
