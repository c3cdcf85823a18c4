// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <string>

#include "vo/services/obscore.h"

namespace platefs::vo {

/// Why the date that the archive states (t_min) can't be right as of `now` (Unix seconds): before the first
/// photographs of the sky, in the future, no date at all. Empty when it can.
std::string doubt_on_date(const Plate& plate, std::int64_t now);

}  // namespace platefs::vo
