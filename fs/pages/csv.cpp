// SPDX-License-Identifier: BSD-3-Clause
#include "fs/pages/csv.h"

#include <algorithm>
#include <string_view>

#include "vo/base/ascii.h"
#include "vo/votable/cell.h"

namespace platefs::fs {
namespace {

void add_field(std::string& line, std::string_view text) {
  const bool needs_quotes =
      std::any_of(text.begin(), text.end(), [](char c) { return c == ',' || c == '"' || c == '\r' || c == '\n'; });
  if (!needs_quotes) {
    line += text;
    return;
  }
  line += '"';
  for (const char c : text) {
    if (c == '"') line += '"';
    line += c;
  }
  line += '"';
}

bool is_number(std::string_view word) { return vo::number_of_text(word).has_value(); }

/// One number, or the blank-separated numbers of an array.
bool are_numbers(std::string_view text) {
  bool are = true;
  vo::for_each_word(text, [&are](std::string_view word) { are = are && is_number(word); });
  return are;
}

/// A spreadsheet would run it: it looks at the first character that is no blank.
bool is_formula(std::string_view text) {
  const auto word = vo::trimmed(text);
  return !word.empty() && std::string_view{"=+-@"}.find(word.front()) != std::string_view::npos && !are_numbers(word);
}

void add_text(std::string& line, std::string_view text) {
  if (!is_formula(text)) return add_field(line, text);
  add_field(line, std::string{"'"}.append(text));
}

void add_cell(std::string& line, const vo::CellView& cell) {
  if (const auto* text = std::get_if<std::string_view>(&cell)) return add_text(line, *text);
  vo::append_text(line, cell);
}

}  // namespace

std::string csv_text(const vo::VotableDocument& table) {
  std::string text;
  for (std::size_t i = 0; i < table.fields.size(); ++i) {
    if (i > 0) text += ',';
    add_text(text, table.fields[i].name);
  }
  text += '\n';
  constexpr std::size_t kRowsThatTell = 256;
  for (std::size_t row = 0; row < table.rows.size(); ++row) {
    if (row == kRowsThatTell) text.reserve(text.size() / kRowsThatTell * (table.rows.size() + kRowsThatTell));
    for (std::size_t i = 0; i < table.fields.size(); ++i) {
      if (i > 0) text += ',';
      add_cell(text, table.rows.cell(row, i));
    }
    text += '\n';
  }
  return text;
}

}  // namespace platefs::fs
