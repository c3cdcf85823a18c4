// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>

#include "vo/base/sky.h"

namespace platefs::vo {

/// The designation of a position, "J102402.69+480851.1": truncated, not rounded, as the IAU wants it, so that it does
/// not change when digits are added. Depends on the position alone, whatever its spelling was.
std::string designation(const IcrsPosition& position);

}  // namespace platefs::vo
