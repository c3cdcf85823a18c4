// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tools/commands/targets.h"

namespace platefs::tools {

/// One of the parts that an array of tasks divides a list of targets into: by a digest of their names, which is the
/// same on every machine, so that the tasks need not know of each other.
struct Shard {
  std::uint64_t number = 1, of = 1;

  /// "2/4". Error{Rejected}.
  static Shard from(const std::string& text);
  void keep_own(std::vector<WantedTarget>& targets) const;
  /// "manifest-2-of-4.jsonl": tasks may write into one directory.
  std::string manifest_name() const;
};

/// Says that a Slurm array of so many tasks, with so many connections to a host each, may ask more of an archive than
/// one site should. Where a gateway is asked, that keeps to it.
void warn_of_array(int connections, bool has_gateway);

}  // namespace platefs::tools
