// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <map>
#include <string>

#include "fs/pages/gallery_limits.h"
#include "fs/tree/target.h"

namespace platefs::fs {

/// Plates by name that have no stamp, and why not: what is known of their failures.
using FailedStamps = std::map<std::string, std::string>;

/// index.html: the target on every plate by epoch, for a browser. One file without anything from elsewhere: a
/// timeline in SVG, a box of fixed size for each stamp, which the browser fetches when it comes into
/// view, the facts of the ObsCore row, links into the target's directory; of a plate without a stamp, why. The player,
/// filters, orders and limits by eye need the page's script; all else works without. What archives wrote is escaped.
/// Time grows with the number of plates only; nothing but the snapshot is needed. Depends on its arguments alone.
std::string gallery_page(const TargetSnapshot& snapshot, const Target& target, const std::string& platefs_version,
                         const FailedStamps& failed = {}, const GalleryStars& stars = {});

}  // namespace platefs::fs
