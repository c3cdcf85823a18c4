// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace platefs::vo {

struct DelimitedLine {
  std::size_t number = 0;  ///< in the text, from 1
  std::vector<std::string> cells;
};

struct DelimitedText {
  std::vector<std::string> comments;  ///< lines before all others that begin with #, without it
  std::vector<DelimitedLine> lines;
};

/// Cells of a text table, line by line (RFC 4180 with other separators, too): the separator is that of
/// comma, semicolon, tab and bar which the first line holds most, else blanks. Quoted cells may hold
/// separators, line ends and doubled quotes. Empty lines are left out, and so are those that begin with
/// #: they are comments.
DelimitedText delimited_text(std::string_view text);

/// The same, a line at a time, of a text that outlives it.
class DelimitedLines {
 public:
  explicit DelimitedLines(std::string_view text);

  /// False at the end. `line` is used again.
  bool next(DelimitedLine& line);
  /// Those before the first line, once that was read.
  const std::vector<std::string>& comments() const { return comments_; }
  /// What is not read yet.
  std::string_view rest() const { return text_; }

 private:
  std::string_view text_;
  std::vector<std::string> comments_;
  bool has_begun_ = false;
  char separator_ = 0;
  std::size_t number_ = 1;
};

/// The cells of one line by itself.
std::vector<std::string> cells_of(std::string_view line);

}  // namespace platefs::vo
