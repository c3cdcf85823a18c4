// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace platefs::vo {

/// What the gzip `stream` (RFC 1952) holds. Throws Error{Malformed} when it is broken or cut off, and
/// when it holds more than `most` bytes: a small stream may stand for very many.
std::string gunzipped(std::string_view stream, std::size_t most);

}  // namespace platefs::vo
