// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <string_view>

namespace platefs::vo {

/// `text` as XML character data or attribute value: markup escaped, bytes that are no UTF-8 read as
/// ISO-8859-1, characters that XML 1.0 forbids replaced by U+FFFD.
std::string xml_escaped(std::string_view text);
/// Adds that to `result`.
void append_xml_escaped(std::string& result, std::string_view text);

/// Of an element's name: what stands behind the prefix of its namespace, "TABLE" of "vot:TABLE".
constexpr std::string_view local_name(std::string_view name) { return name.substr(name.find(':') + 1); }

}  // namespace platefs::vo
