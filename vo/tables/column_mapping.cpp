// SPDX-License-Identifier: BSD-3-Clause
#include "vo/tables/column_mapping.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "vo/base/ascii.h"
#include "vo/base/error.h"
#include "vo/votable/cell.h"

namespace platefs::vo {
namespace {

constexpr std::string_view kOperators = "*/+-";

std::optional<double> constant_in(std::string_view text) {
  const auto number = number_of_text(trimmed(text));
  return number && std::isfinite(*number) ? number : std::nullopt;
}

[[noreturn]] void refuse_value(std::string_view text, std::string_view why) {
  throw Error{
      ErrorKind::Rejected,
      fmt::format("'{}' {}: a column is a name, name * number (or /, +, -), a text in single quotes, or a number", text,
                  why)};
}

/// What stands between quotes of that kind, which are doubled inside; nothing where `text` is not quoted as a whole.
std::optional<std::string> unquoted(std::string_view text, char quote) {
  if (text.size() < 2 || text.front() != quote || text.back() != quote) return std::nullopt;
  std::string inside;
  for (std::size_t i = 1; i + 1 < text.size(); ++i) {
    inside += text[i];
    if (text[i] != quote) continue;
    if (i + 2 >= text.size() || text[i + 1] != quote) return std::nullopt;
    ++i;
  }
  return inside;
}

std::string name_in(std::string_view text) {
  text = trimmed(text);
  return unquoted(text, '"').value_or(std::string{text});
}

/// The first operator with a number behind it: "a*1e-5" is a product.
void split_operation(std::string_view text, MappedValue& value) {
  std::size_t from = 1;
  if (text.front() == '"') from = std::min(text.rfind('"'), text.size() - 1) + 1;
  for (auto at = text.find_first_of(kOperators, from); at != text.npos; at = text.find_first_of(kOperators, at + 1)) {
    const auto number = constant_in(text.substr(at + 1));
    const auto name = name_in(text.substr(0, at));
    if (!number || name.empty()) continue;
    if (text[at] == '/' && *number == 0) refuse_value(text, "divides by zero");
    value.column = name;
    value.operation = text[at];
    value.number = *number;
    return;
  }
}

double calculated(const MappedValue& value, double of) {
  switch (value.operation) {
    case '*':
      return of * value.number;
    case '/':
      return of / value.number;
    case '+':
      return of + value.number;
    case '-':
      return of - value.number;
    default:
      return of;
  }
}

int column_of(const FieldList& fields, std::string_view name) {
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (same_ignoring_case(fields[i].name, name)) return static_cast<int>(i);
  }
  return -1;
}

std::string names_of(const FieldList& fields) {
  constexpr std::size_t kMostNames = 40;
  std::string names;
  for (std::size_t i = 0; i < std::min(fields.size(), kMostNames); ++i) names += (i == 0 ? "" : ", ") + fields[i].name;
  return names + (fields.size() > kMostNames ? ", …" : "");
}

VotableField plain_field(const std::string& name, std::string_view datatype) {
  VotableField field;
  field.name = name;
  field.datatype = datatype;
  if (datatype == "char") field.arraysize = "*";
  return field;
}

}  // namespace

MappedValue MappedValue::parse(std::string_view text) {
  text = trimmed(text);
  if (text.empty()) refuse_value(text, "says nothing");
  MappedValue value;
  if (auto quoted = unquoted(text, '\'')) {
    value.kind = Kind::Text;
    value.text = std::move(*quoted);
    return value;
  }
  value.text = text;
  if (text.front() == '\'') refuse_value(text, "is a text that does not end");
  if (const auto number = constant_in(text)) {
    value.kind = Kind::Number;
    value.number = *number;
    return value;
  }
  value.column = name_in(text);
  if (!unquoted(text, '"')) split_operation(text, value);
  if (value.column.empty()) refuse_value(text, "names no column");
  return value;
}

void ColumnMapping::add(std::string name, std::string_view value) {
  columns_.insert_or_assign(lower_case(name), MappedValue::parse(value));
}

std::string ColumnMapping::text() const {
  std::string text;
  for (const auto& [name, value] : columns_) {
    const char quote = value.kind == MappedValue::Kind::Text ? '\'' : ' ';
    text += fmt::format("{}={}{}{}\n", name, quote, value.text, quote);
  }
  return text;
}

MappedTable::MappedTable(const ColumnMapping& mapping, const FieldList& fields, std::string_view table) {
  std::vector<VotableField> made;
  for (const auto& [name, value] : mapping.columns()) {
    Source source{-1, value};
    auto field = plain_field(name, value.kind == MappedValue::Kind::Text ? "char" : "double");
    if (value.kind == MappedValue::Kind::Column) {
      // A column that is called "a-1" is meant where there is one.
      if (const int whole = column_of(fields, value.text); whole >= 0) {
        source.column = whole;
        source.value.operation = 0;
      } else {
        source.column = column_of(fields, value.column);
      }
      if (source.column < 0) {
        throw Error{ErrorKind::Rejected, fmt::format("{} has no column '{}', which {} is to be made of; it has: {}",
                                                     table, value.column, name, names_of(fields))};
      }
      if (source.value.operation == 0) {
        field = fields[static_cast<std::size_t>(source.column)];
        field.name = name;
        field.id.clear();
        field.utype.clear();
      }
    }
    made.push_back(std::move(field));
    sources_.push_back(std::move(source));
  }
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (mapping.columns().contains(lower_case(fields[i].name))) continue;
    made.push_back(fields[i]);
    sources_.push_back({static_cast<int>(i)});
  }
  fields_ = std::move(made);
}

CellView MappedTable::cell(const VotableRows& rows, std::size_t row, std::size_t column) const {
  const auto& source = sources_[column];
  if (source.column < 0) {
    if (source.value.kind == MappedValue::Kind::Text) return std::string_view{source.value.text};
    return source.value.number;
  }
  const auto cell = rows.cell(row, static_cast<std::size_t>(source.column));
  if (source.value.operation == 0) return cell;
  const auto number = number_of(cell);
  if (!number) return {};
  const double result = calculated(source.value, *number);
  return std::isfinite(result) ? CellView{result} : CellView{};
}

}  // namespace platefs::vo
