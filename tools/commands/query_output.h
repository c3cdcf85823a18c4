// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>

#include "fs/tree/target.h"

namespace platefs::tools {

/// The answer in a format of `platefs query`: "table", "csv", "json" or "votable". CSV and VOTable are
/// those of the mount without the paths, which mean nothing here; a table fits `width` characters if it
/// is not 0. Depends on its arguments alone.
std::string query_output(const std::string& format, const fs::TargetSnapshot& snapshot, const fs::Target& target,
                         std::size_t width = 0);

/// Aligned columns for a terminal: one line per plate under a line of headings, `width` characters long
/// if it is not 0; what archives wrote is stripped of control characters. Empty without plates.
std::string plates_listing(const fs::TargetSnapshot& snapshot, const fs::Target& target, std::size_t width = 0);

/// One JSON document: the target, the archives that were asked, the columns, the plates.
std::string plates_json(const fs::TargetSnapshot& snapshot, const fs::Target& target);

}  // namespace platefs::tools
