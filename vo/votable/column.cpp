// SPDX-License-Identifier: BSD-3-Clause
#include "vo/votable/column.h"

#include <fmt/core.h>

#include <algorithm>
#include <limits>
#include <unordered_set>

#include "vo/base/ascii.h"

namespace platefs::vo {
namespace {

using Kind = CellType::Kind;
using Rows = VotableRows;

bool is_integer(const CellType& type) {
  return !type.is_array && (type.kind == Kind::UnsignedByte || type.kind == Kind::Short || type.kind == Kind::Int ||
                            type.kind == Kind::Long);
}

struct Limits {
  std::int64_t lowest, highest;
  bool hold(std::int64_t value) const { return lowest <= value && value <= highest; }
};

template <typename Integer>
constexpr Limits limits() {
  return {std::numeric_limits<Integer>::min(), std::numeric_limits<Integer>::max()};
}

Limits limits_of(Kind kind) {
  if (kind == Kind::UnsignedByte) return limits<std::uint8_t>();
  if (kind == Kind::Short) return limits<std::int16_t>();
  if (kind == Kind::Int) return limits<std::int32_t>();
  return limits<std::int64_t>();
}

/// The cells of one column; a column that is not there has nulls.
template <typename Take>
void for_each_cell(const Rows& rows, std::size_t index, Take take) {
  for (std::size_t row = 0; row < rows.size(); ++row) take(rows.cell(row, index));
}

/// A value within `limits` that no cell has: the declared one, else -1, else the next from the
/// ends.
std::optional<std::int64_t> unused_value(const std::unordered_set<std::int64_t>& used, const Limits& limits,
                                         const VotableValue& declared) {
  const auto is_free = [&](std::int64_t value) { return limits.hold(value) && !used.contains(value); };
  if (const auto value = integer_of(declared); value && is_free(*value)) return value;
  for (const auto value : {std::int64_t{-1}, limits.lowest, limits.highest}) {
    if (is_free(value)) return value;
  }
  return std::nullopt;
}

void settle_integers(VotableColumn& column, const Rows& rows, std::size_t index) {
  std::unordered_set<std::int64_t> used;
  std::int64_t lowest = 0, highest = 0;
  bool has_null = false;
  for_each_cell(rows, index, [&](const CellView& value) {
    const auto integer = integer_of(value);
    if (integer) {
      lowest = used.empty() ? *integer : std::min(lowest, *integer);
      highest = used.empty() ? *integer : std::max(highest, *integer);
      used.insert(*integer);
    }
    has_null = has_null || !integer;
  });
  const auto fits = [&] {
    const auto limits = limits_of(column.type.kind);
    return used.empty() || (limits.hold(lowest) && limits.hold(highest));
  };
  if (!fits()) column.type.kind = Kind::Long;
  if (!has_null) return;
  auto null = unused_value(used, limits_of(column.type.kind), column.type.null);
  if (!null) {
    column.type.kind = Kind::Long;
    null = unused_value(used, limits_of(Kind::Long), {});
  }
  // Only a column that uses both ends of the range of 64 bits comes to this: -2 and on down.
  for (std::int64_t value = -2; !null; --value) {
    if (!used.contains(value)) null = value;
  }
  column.null = fmt::format("{}", *null);
}

void settle_text(VotableColumn& column, const Rows& rows, std::size_t index) {
  bool is_ascii = true;
  for_each_cell(rows, index, [&](const CellView& value) {
    const auto* text = std::get_if<std::string_view>(&value);  // numbers are ASCII
    is_ascii = is_ascii && (text == nullptr || std::all_of(text->begin(), text->end(), [](char c) {
                              return static_cast<unsigned char>(c) < 0x80;
                            }));
  });
  column.type.kind = is_ascii ? Kind::Char : Kind::UnicodeChar;
  column.arraysize = "*";
}

std::uint64_t words_in(std::string_view text) {
  std::uint64_t words = 0;
  for_each_word(text, [&](std::string_view) { ++words; });
  return words;
}

void settle_array(VotableColumn& column, const Rows& rows, std::size_t index) {
  const bool is_complex = column.type.kind == Kind::FloatComplex || column.type.kind == Kind::DoubleComplex;
  const auto wanted = column.type.count * (is_complex ? 2 : 1);
  bool is_full = !column.type.is_variable;
  for_each_cell(rows, index, [&](const CellView& value) { is_full = is_full && words_in(text_of(value)) == wanted; });
  if (!is_full && !column.type.is_variable) column.arraysize = "*";
}

void append_number_text(std::string& text, const CellView& cell) {
  if (!number_of(cell)) return;
  const auto begin = text.size();
  append_text(text, cell);
  if (std::string_view{text}.substr(begin) == "Inf") text.insert(begin, 1, '+');
}

void append_boolean_text(std::string& text, const CellView& cell) {
  MemoryBudget budget{1};
  const CellType boolean{.kind = Kind::Boolean, .null = {}};
  append_text(text, view_of(value_of_text(text_of(cell), boolean, budget)));
}

}  // namespace

std::string_view VotableColumn::text(const CellView& cell, std::string& room) const {
  const bool is_plain = type.is_array || type.is_text();
  const auto* text = std::get_if<std::string_view>(&cell);
  if (is_plain && text != nullptr) return *text;
  room.clear();
  if (!is_plain && is_integer(type)) {
    const auto integer = integer_of(cell);
    if (integer) {
      append_text(room, *integer);
    } else {
      room = null.value_or("");
    }
  } else if (!is_plain && (type.kind == Kind::Float || type.kind == Kind::Double)) {
    append_number_text(room, cell);
  } else if (!is_plain && type.kind == Kind::Boolean) {
    append_boolean_text(room, cell);
  } else {
    append_text(room, cell);
  }
  return room;
}

std::string VotableColumn::text(const VotableValue& value) const {
  std::string room;
  return std::string{text(view_of(value), room)};
}

std::string_view datatype_of(CellType::Kind kind) {
  switch (kind) {
    case Kind::Boolean:
      return "boolean";
    case Kind::Bit:
      return "bit";
    case Kind::UnsignedByte:
      return "unsignedByte";
    case Kind::Short:
      return "short";
    case Kind::Int:
      return "int";
    case Kind::Long:
      return "long";
    case Kind::Float:
      return "float";
    case Kind::Double:
      return "double";
    case Kind::FloatComplex:
      return "floatComplex";
    case Kind::DoubleComplex:
      return "doubleComplex";
    case Kind::UnicodeChar:
      return "unicodeChar";
    case Kind::Char:
    case Kind::Unknown:
      break;
  }
  return "char";
}

VotableColumn column_as_declared(const VotableField& field) {
  return {cell_type(field), field.datatype, field.arraysize, field.null};
}

VotableColumn column_to_write(const VotableField& field, const VotableRows& rows, std::size_t index) {
  VotableColumn column{cell_type(field), {}, {}, {}};
  if (column.type.is_array) column.arraysize = column.type.has_unreadable_size ? "*" : field.arraysize;
  if (column.type.is_text()) {
    settle_text(column, rows, index);
  } else if (column.type.is_array) {
    settle_array(column, rows, index);
  } else if (is_integer(column.type)) {
    settle_integers(column, rows, index);
  }
  column.datatype = datatype_of(column.type.kind);
  return column;
}

}  // namespace platefs::vo
