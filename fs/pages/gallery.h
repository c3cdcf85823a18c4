// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>

#include "fs/tree/target.h"

namespace platefs::fs {

/// index.html: a target's plates by epoch, for a browser. One file without anything from elsewhere: a
/// timeline in SVG, a box of fixed size for each preview, which the browser fetches when it comes into
/// view, the facts of the ObsCore row, links into the target's directory. Filters by archive and year
/// need the page's few lines of script; all else works without. What archives wrote is escaped. Time grows
/// with the number of plates only; nothing but the snapshot is needed. Depends on its arguments alone.
std::string gallery_page(const TargetSnapshot& snapshot, const Target& target, const std::string& platefs_version);

}  // namespace platefs::fs
