// SPDX-License-Identifier: BSD-3-Clause
#include "tools/cli/text_table.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <numeric>
#include <optional>

#include "tools/cli/reporting.h"
#include "vo/base/utf8.h"

namespace platefs::tools {
namespace {

constexpr std::size_t kGap = 2;

using vo::width_of;

std::string shortened(const std::string& text, std::size_t most) {
  if (width_of(text) <= most) return text;
  std::string result;
  for (std::string_view rest = text; !rest.empty();) {
    const auto character = rest.substr(0, vo::first_character(rest).bytes);
    if (width_of(result) + width_of(character) + 1 > most) break;
    result += character;
    rest.remove_prefix(character.size());
  }
  return result + "…";
}

std::string padded(const std::string& cell, std::size_t width, bool is_number) {
  const std::string blanks(width - std::min(width, width_of(cell)), ' ');
  return is_number ? blanks + cell : cell + blanks;
}

using Lines = std::vector<std::vector<std::string>>;

std::vector<std::size_t> widths_of(const Lines& lines, std::size_t columns) {
  std::vector<std::size_t> widths(columns);
  for (const auto& line : lines) {
    for (std::size_t i = 0; i < columns; ++i) widths[i] = std::max(widths[i], width_of(line[i]));
  }
  return widths;
}

/// Which column gives way next: the widest that still can.
std::optional<std::size_t> widest(const std::vector<TextTable::Column>& columns,
                                  const std::vector<std::size_t>& widths) {
  std::optional<std::size_t> found;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const bool can_shrink = columns[i].least > 0 && widths[i] > columns[i].least;
    if (can_shrink && (!found || widths[i] > widths[*found])) found = i;
  }
  return found;
}

/// False when the columns can't be made to fit.
bool fit(std::vector<std::size_t>& widths, const std::vector<TextTable::Column>& columns, std::size_t width) {
  auto total = std::accumulate(widths.begin(), widths.end(), kGap * (columns.size() - 1));
  while (total > width) {
    const auto column = widest(columns, widths);
    if (!column) return false;
    --widths[*column];
    --total;
  }
  return true;
}

/// The same without the last column that may go; empty when there is none.
std::optional<TextTable> smaller(const TextTable& table) {
  const auto last =
      std::find_if(table.columns.rbegin(), table.columns.rend(), [](const auto& column) { return column.may_go; });
  if (last == table.columns.rend()) return std::nullopt;
  const auto at = table.columns.rend() - last - 1;
  auto less = table;
  less.columns.erase(less.columns.begin() + at);
  for (auto& row : less.rows) row.erase(row.begin() + at);
  return less;
}

}  // namespace

std::string TextTable::text(std::size_t width) const {
  if (rows.empty()) return {};
  Lines lines(1);
  for (const auto& column : columns) lines.front().push_back(column.heading);
  for (const auto& row : rows) {
    auto& line = lines.emplace_back();
    for (const auto& cell : row) line.push_back(harmless(cell));
  }
  auto widths = widths_of(lines, columns.size());
  if (width > 0 && !fit(widths, columns, width)) {
    if (const auto less = smaller(*this)) return less->text(width);
  }
  std::string text;
  for (const auto& line : lines) {
    std::string row;
    for (std::size_t i = 0; i < columns.size(); ++i) {
      row += (i > 0 ? std::string(kGap, ' ') : "") +
             padded(shortened(line[i], widths[i]), widths[i], columns[i].is_number);
    }
    row.erase(row.find_last_not_of(' ') + 1);
    text += row + "\n";
  }
  return text;
}

std::size_t terminal_width() {
  if (const char* set = std::getenv("COLUMNS"); set != nullptr && std::atoi(set) > 0) {
    return static_cast<std::size_t>(std::atoi(set));
  }
  struct winsize size = {};
  if (::isatty(STDOUT_FILENO) == 0 || ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0) return 0;
  return size.ws_col;
}

}  // namespace platefs::tools
