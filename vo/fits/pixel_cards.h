// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string_view>

namespace platefs::vo {

/// A keyword of an HDU's own form: SIMPLE, BITPIX, NAXISn, CHECKSUM ..., and commentary.
bool is_structural(std::string_view keyword);

/// A keyword that says what pixels mean or where they are: scaling, every WCS description and what stands for one.
bool describes_pixels(std::string_view keyword);

}  // namespace platefs::vo
