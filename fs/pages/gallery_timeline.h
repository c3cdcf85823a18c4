// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <map>
#include <string>
#include <vector>

namespace platefs::fs {

/// Plates of one year by archive (an index).
using YearCounts = std::vector<int>;

/// The timeline of the gallery: a bar for each year, stacked by archive, each a link to "#y<year>". Empty
/// without years. The names are what a bar's tip says.
std::string gallery_timeline(const std::map<int, YearCounts>& years, const std::vector<std::string>& archives);

}  // namespace platefs::fs
