// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace platefs::vo {

/// An XML document that is in UTF-16, UTF-32 or declares ISO-8859-1, in UTF-8, whatever its declaration says then.
/// Nothing: it is in UTF-8, or in whatever it is without saying so. Throws Error{Malformed} when it has more elements
/// than a tree of it may have.
std::optional<std::string> converted_to_utf8(std::string_view document);

}  // namespace platefs::vo
