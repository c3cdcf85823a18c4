// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>

#include "fs/tree/target_name.h"

namespace platefs::fs {

/// target.reg: a DS9 region file with the target as a cross and the cutouts' circle, in ICRS.
std::string region_text(const Target& target);

}  // namespace platefs::fs
