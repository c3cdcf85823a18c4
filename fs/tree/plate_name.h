// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <map>
#include <string>
#include <vector>

#include "vo/services/obscore.h"

namespace platefs::fs {

/// A plate's name before clashes are settled: "<ISO date>_<scan id>", or "undated_<scan id>".
std::string plain_plate_name(const vo::Plate& plate);

/// The scan id: last segment of the publisher DID, else of the access URL, without extension, cleaned to
/// [A-Za-z0-9._+-]. What follows a '#' (an exposure's or solution's number) is kept.
std::string scan_id(const vo::Plate& plate);

/// Names that were given: by publisher DID, behind it in further lines whose DID it is, and the exposure where a plate
/// has several.
using PlateNames = std::map<std::string, std::string>;

/// The DID in a key of PlateNames.
std::string did_of_name(const std::string& key);

/// A unique name for each plate that is another exposure or another archive's: the given ones and what `existing`
/// holds, which stay as they are, whoever comes later. Among new plates that clash, the collection stands behind the
/// name, and if that does not help, ~2, ~3 in the order of their DIDs, of their dates where they share one.
PlateNames assign_plate_names(const std::vector<vo::Plate>& plates, const PlateNames& existing);

/// The name that the plate has among them; null for none.
const std::string* name_of(const PlateNames& names, const vo::Plate& plate);

}  // namespace platefs::fs
