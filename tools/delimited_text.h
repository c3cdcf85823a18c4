// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace platefs::tools {

/// Cells of a text table, line by line (RFC 4180 with other separators, too): the separator is the first
/// of comma, semicolon, tab and bar that the first line holds, else blanks. Quoted cells may hold
/// separators, line ends and doubled quotes. Empty lines are left out, and so are those that begin with
/// #, except when it is the first: it may hold headings, and keeps its #.
std::vector<std::vector<std::string>> delimited_lines(std::string_view text);

}  // namespace platefs::tools
