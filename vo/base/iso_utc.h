// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <string>

namespace platefs::vo {

/// "2026-03-01T12:00:00Z"; empty for 0, which stands for "never" everywhere.
std::string iso_utc(std::int64_t unix_seconds);

}  // namespace platefs::vo
