// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>

#include "cache/library.h"
#include "fs/target_state.h"

namespace platefs::fs {

/// plate.json: the plate's ObsCore row with units and UCDs, and where each of its files came from or
/// will come from. Asks nobody.
std::string plate_json(cache::Library& library, const Target& target, const PlateEntry& plate);

}  // namespace platefs::fs
