// SPDX-License-Identifier: BSD-3-Clause
#include "fs/csv_text.h"

namespace platefs::fs {
namespace {

void add_field(std::string& line, const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) {
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

}  // namespace

std::string csv_text(const vo::VotableDocument& table) {
  std::string text;
  for (std::size_t i = 0; i < table.fields.size(); ++i) {
    if (i > 0) text += ',';
    add_field(text, table.fields[i].name);
  }
  text += '\n';
  for (const auto& row : table.rows) {
    for (std::size_t i = 0; i < table.fields.size(); ++i) {
      if (i > 0) text += ',';
      if (i < row.size()) add_field(text, vo::text_of(row[i]));
    }
    text += '\n';
  }
  return text;
}

}  // namespace platefs::fs
