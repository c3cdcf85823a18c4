// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace platefs::tools {

/// Aligned columns for a terminal.
struct TextTable {
  struct Column {
    std::string heading;
    bool is_number = false;  ///< to the right
    /// May be cut (with "…") down to this many characters to fit the width; 0: never.
    std::size_t least = 0;
    /// May be left out, the last such column first, when cutting is not enough.
    bool may_go = false;
  };
  std::vector<Column> columns;
  std::vector<std::vector<std::string>> rows;  ///< as many cells as columns; UTF-8

  /// A line of headings, then one for each row. With `width` > 0 the widest of the columns that may be
  /// cut get narrower until a line fits, then those go that may. Control characters become blanks. Empty without rows.
  std::string text(std::size_t width = 0) const;
};

/// Characters in a line of the terminal on stdout; 0 when it is no terminal ($COLUMNS counts first).
std::size_t terminal_width();

}  // namespace platefs::tools
