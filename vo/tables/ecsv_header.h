// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <map>
#include <string>
#include <vector>

namespace platefs::vo {

/// Whether these comments at the beginning of a text table are the header of an ECSV file (APE 6).
bool is_ecsv_header(const std::vector<std::string>& comments);

/// The units of the columns that have one, from that header. Of its YAML only what astropy and STIL write is
/// understood: `- {name: ra, unit: deg, …}`, or each key on a line of its own.
std::map<std::string, std::string> ecsv_units(const std::vector<std::string>& comments);

}  // namespace platefs::vo
