// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <vector>

#include "fs/tree/failed_files.h"
#include "fs/tree/target.h"

namespace platefs::fs {

/// A target that was used, for a page.
struct UsedTarget {
  std::string name;  ///< of its directory
  std::string note;  ///< note_on()
};

/// What is remembered of a target for the page: how many plates there are, their years, and some plates whose stamps
/// may stand for it, one in a line each.
std::string note_on(const TargetSnapshot& snapshot, const FailedFiles& failed);

/// index.html of the root: the targets in this order, a stamp of each, links to their pages. Asks for a target's stamp
/// when it comes into view, which enters the target. Depends on its arguments alone.
std::string targets_page(const std::vector<UsedTarget>& targets, const std::string& platefs_version);

}  // namespace platefs::fs
