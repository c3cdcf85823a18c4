// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <functional>
#include <span>

#include "cache/library.h"

namespace platefs::tools {

/// Reads a file from end to end, waits for what has to come first, and calls `take` with each piece, in order.
/// Throws what the reading or `take` throws.
void for_each_piece(cache::OpenFile& file, const std::function<void(std::span<const std::byte>)>& take);

}  // namespace platefs::tools
