// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <string_view>

namespace platefs::vo {

/// `text` as XML character data or attribute value: markup escaped, bytes that are no UTF-8 read as
/// ISO-8859-1, characters that XML 1.0 forbids replaced by U+FFFD.
std::string xml_escaped(std::string_view text);

}  // namespace platefs::vo
