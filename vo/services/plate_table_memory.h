// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>

#include "vo/services/obscore.h"

namespace platefs::vo {

/// Bytes of memory that the table takes, about.
std::uint64_t memory_of(const PlateTable& table);

}  // namespace platefs::vo
