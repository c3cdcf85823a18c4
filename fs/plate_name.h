// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <map>
#include <string>
#include <vector>

#include "vo/obscore.h"

namespace platefs::fs {

/// A plate's name before clashes are settled: "<ISO date>_<scan id>", or "undated_<scan id>".
std::string plain_plate_name(const vo::Plate& plate);

/// The scan id: last segment of the publisher DID, else of the access URL, without extension, cleaned to
/// [A-Za-z0-9._+-]. What follows a '#' (an exposure's or solution's number) is kept.
std::string scan_id(const vo::Plate& plate);

/// A unique name for each plate, by publisher DID. `existing` names are kept as they are, whoever
/// comes later. Among new plates that clash, the collection stands behind the name, and if that does
/// not help, ~2, ~3 in the order of their DIDs.
std::map<std::string, std::string> assign_plate_names(
    const std::vector<vo::Plate>& plates, const std::map<std::string, std::string>& existing);

}  // namespace platefs::fs
