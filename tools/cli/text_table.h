// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace platefs::tools {

/// How wide the columns of a table are, so that its lines can be written one by one: measure() each row, settle(), and
/// then line() of each.
class TableLayout {
 public:
  struct Column {
    std::string heading;
    bool is_number = false;  ///< to the right
    /// May be cut (with "…") down to this many characters to fit the width; 0: never.
    std::size_t least = 0;
    /// May be left out, the last such column first, when cutting is not enough.
    bool may_go = false;
  };
  using Row = std::vector<std::string>;  ///< as many cells as columns; UTF-8

  explicit TableLayout(std::vector<Column> columns);
  void measure(const Row& row);
  /// With `width` > 0 the widest of the columns that may be cut get narrower until a line fits, then those go that may.
  void settle(std::size_t width);
  std::string heading() const;
  /// With its line end. Control characters become blanks.
  std::string line(const Row& row) const;

 private:
  bool fit(std::vector<std::size_t>& widths, std::size_t width) const;
  std::vector<Column> columns_;
  std::vector<std::size_t> widths_;
  std::vector<bool> is_shown_;
};

/// Aligned columns for a terminal.
struct TextTable {
  using Column = TableLayout::Column;
  std::vector<Column> columns;
  std::vector<std::vector<std::string>> rows;  ///< as many cells as columns; UTF-8

  /// A line of headings, then one for each row, laid out as TableLayout says. Empty without rows.
  std::string text(std::size_t width = 0) const;
};

/// Characters in a line of the terminal on stdout; 0 when it is no terminal ($COLUMNS counts first).
std::size_t terminal_width();

}  // namespace platefs::tools
