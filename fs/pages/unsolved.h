// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>

#include "fs/tree/target.h"

namespace platefs::fs {

/// What is known of a plate in unsolved/: why no image of the target can be had of it, and which one it is.
std::string unsolved_text(const PlateEntry& plate, const Target& target);

}  // namespace platefs::fs
