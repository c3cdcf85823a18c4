// SPDX-License-Identifier: BSD-3-Clause
#include "vo/tables/delimited_text.h"

#include <algorithm>
#include <cctype>

#include "vo/base/ascii.h"

namespace platefs::vo {
namespace {

constexpr char kAnyBlanks = ' ';

std::ptrdiff_t count_outside_quotes(std::string_view line, char wanted) {
  std::ptrdiff_t count = 0;
  bool is_quoted = false;
  for (const char c : line) {
    if (c == '"') is_quoted = !is_quoted;
    if (c == wanted && !is_quoted) ++count;
  }
  return count;
}

char separator_of(std::string_view line) {
  // Of a table by tabs the headings may hold commas: "RA, deg".
  char likeliest = kAnyBlanks;
  std::ptrdiff_t most = 0;
  for (const char separator : {',', ';', '\t', '|'}) {
    const auto count = count_outside_quotes(line, separator);
    const bool is_likelier = count > most || (separator == '\t' && count > 0 && count == most);
    if (is_likelier) {
      likeliest = separator;
      most = count;
    }
  }
  return likeliest;
}

bool separates(char c, char separator) { return separator == kAnyBlanks ? c == ' ' || c == '\t' : c == separator; }

/// Takes one cell off `rest`, up to its separator or line end, which stay.
std::string take_cell(std::string_view& rest, char separator) {
  while (!rest.empty() && (rest.front() == ' ')) rest.remove_prefix(1);
  std::string cell;
  if (!rest.empty() && rest.front() == '"') {
    rest.remove_prefix(1);
    while (!rest.empty()) {
      const bool is_quote = rest.front() == '"';
      const bool is_doubled = is_quote && rest.size() > 1 && rest[1] == '"';
      if (is_quote && !is_doubled) break;
      cell += rest.front();
      rest.remove_prefix(is_doubled ? 2 : 1);
    }
    if (!rest.empty()) rest.remove_prefix(1);
    while (!rest.empty() && rest.front() != '\n' && !separates(rest.front(), separator)) rest.remove_prefix(1);
    return cell;
  }
  std::size_t end = 0;
  while (end < rest.size() && rest[end] != '\n' && !separates(rest[end], separator)) ++end;
  cell = trimmed(rest.substr(0, end));
  rest.remove_prefix(end);
  return cell;
}

std::vector<std::string> take_line(std::string_view& rest, char separator) {
  std::vector<std::string> cells;
  while (true) {
    cells.push_back(take_cell(rest, separator));
    const bool goes_on = !rest.empty() && rest.front() != '\n';
    if (!rest.empty()) rest.remove_prefix(1);
    if (!goes_on) break;
  }
  // Blanks at the end of a line begin no cell.
  if (separator == kAnyBlanks && cells.size() > 1 && cells.back().empty()) cells.pop_back();
  return cells;
}

}  // namespace

std::vector<std::string> cells_of(std::string_view line) {
  const auto text = trimmed(line);
  std::string_view rest = text;
  return take_line(rest, separator_of(text));
}

DelimitedLines::DelimitedLines(std::string_view text) : text_(text) {
  if (text_.starts_with("\xef\xbb\xbf")) text_.remove_prefix(3);
}

bool DelimitedLines::next(DelimitedLine& line) {
  while (!text_.empty()) {
    const auto whole = text_.substr(0, text_.find('\n'));
    const bool is_comment = whole.starts_with('#');
    if (is_comment && !has_begun_) comments_.emplace_back(trimmed(whole.substr(1)));
    if (is_comment || trimmed(whole).empty()) {
      text_.remove_prefix(std::min(text_.size(), whole.size() + 1));
      ++number_;
      continue;
    }
    has_begun_ = true;
    if (separator_ == 0) separator_ = separator_of(trimmed(whole));
    while (separator_ == kAnyBlanks && text_.starts_with(' ')) text_.remove_prefix(1);
    const auto before = text_;
    line.number = number_;
    line.cells = take_line(text_, separator_);
    const auto taken = before.substr(0, before.size() - text_.size());
    number_ += static_cast<std::size_t>(std::ranges::count(taken, '\n'));
    return true;
  }
  return false;
}

DelimitedText delimited_text(std::string_view text) {
  DelimitedText table;
  DelimitedLines lines{text};
  for (DelimitedLine line; lines.next(line);) table.lines.push_back(std::move(line));
  table.comments = lines.comments();
  return table;
}

}  // namespace platefs::vo
