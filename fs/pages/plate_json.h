// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <string>

#include "cache/library.h"
#include "fs/tree/target.h"

namespace platefs::fs {

/// plate.json: the plate's ObsCore row with units, and of each file what is known and where it will come
/// from; which of the plate's exposures it is. Asks the library only for what it knows already. `now` is in Unix
/// seconds: a date behind it is doubted.
std::string plate_json(const PlateEntry& entry, const Target& target, cache::Library& library, std::int64_t now);

}  // namespace platefs::fs
