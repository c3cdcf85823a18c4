// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>

#include "cache/library.h"
#include "fs/target_state.h"

namespace platefs::fs {

/// plate.json: the plate's ObsCore row with units, and of each file what is known and where it will come
/// from. Asks the library only for what it knows already.
std::string plate_json(const PlateEntry& entry, const Target& target, cache::Library& library);

}  // namespace platefs::fs
