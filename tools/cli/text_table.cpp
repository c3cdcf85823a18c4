// SPDX-License-Identifier: BSD-3-Clause
#include "tools/cli/text_table.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <utility>

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

}  // namespace

TableLayout::TableLayout(std::vector<Column> columns)
    : columns_(std::move(columns)), widths_(columns_.size()), is_shown_(columns_.size(), true) {
  for (std::size_t i = 0; i < columns_.size(); ++i) widths_[i] = width_of(columns_[i].heading);
}

void TableLayout::measure(const Row& row) {
  for (std::size_t i = 0; i < columns_.size(); ++i) widths_[i] = std::max(widths_[i], width_of(harmless(row[i])));
}

/// False when the columns that are shown can't be made to fit: the widest that still can gives way, one character at a
/// time.
bool TableLayout::fit(std::vector<std::size_t>& widths, std::size_t width) const {
  const auto total = [&] {
    std::size_t sum = 0, shown = 0;
    for (std::size_t i = 0; i < widths.size(); ++i) sum += is_shown_[i] ? (shown++ > 0 ? kGap : 0) + widths[i] : 0;
    return sum;
  };
  while (total() > width) {
    std::optional<std::size_t> widest;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      const bool can_shrink = is_shown_[i] && columns_[i].least > 0 && widths[i] > columns_[i].least;
      if (can_shrink && (!widest || widths[i] > widths[*widest])) widest = i;
    }
    if (!widest) return false;
    --widths[*widest];
  }
  return true;
}

void TableLayout::settle(std::size_t width) {
  if (width == 0) return;
  for (auto widths = widths_; !fit(widths, width); widths = widths_) {
    auto last = columns_.size();
    while (last > 0 && !(is_shown_[last - 1] && columns_[last - 1].may_go)) --last;
    if (last == 0) break;
    is_shown_[last - 1] = false;
  }
  fit(widths_, width);
}

std::string TableLayout::heading() const {
  Row row;
  for (const auto& column : columns_) row.push_back(column.heading);
  return line(row);
}

std::string TableLayout::line(const Row& row) const {
  std::string text;
  bool is_first = true;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    if (!is_shown_[i]) continue;
    text += (is_first ? "" : std::string(kGap, ' ')) +
            padded(shortened(harmless(row[i]), widths_[i]), widths_[i], columns_[i].is_number);
    is_first = false;
  }
  text.erase(text.find_last_not_of(' ') + 1);
  return text + "\n";
}

std::string TextTable::text(std::size_t width) const {
  if (rows.empty()) return {};
  TableLayout layout{columns};
  for (const auto& row : rows) layout.measure(row);
  layout.settle(width);
  auto text = layout.heading();
  for (const auto& row : rows) text += layout.line(row);
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
