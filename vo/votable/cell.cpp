// SPDX-License-Identifier: BSD-3-Clause
#include "vo/votable/cell.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>
#include <iterator>
#include <limits>

#include "vo/base/ascii.h"
#include "vo/base/error.h"
#include "vo/base/utf8.h"

namespace platefs::vo {
namespace {

using Kind = CellType::Kind;

Kind kind_of(std::string_view datatype) {
  static constexpr std::array<std::pair<std::string_view, Kind>, 12> kKinds{{
      {"boolean", Kind::Boolean},
      {"bit", Kind::Bit},
      {"unsignedByte", Kind::UnsignedByte},
      {"short", Kind::Short},
      {"int", Kind::Int},
      {"long", Kind::Long},
      {"char", Kind::Char},
      {"unicodeChar", Kind::UnicodeChar},
      {"float", Kind::Float},
      {"double", Kind::Double},
      {"floatComplex", Kind::FloatComplex},
      {"doubleComplex", Kind::DoubleComplex},
  }};
  for (const auto& [name, kind] : kKinds) {
    if (same_ignoring_case(name, trimmed(datatype))) return kind;
  }
  return Kind::Unknown;
}

std::uint64_t saturating_product(std::uint64_t a, std::uint64_t b) {
  std::uint64_t product = 0;
  return __builtin_mul_overflow(a, b, &product) ? std::numeric_limits<std::uint64_t>::max() : product;
}

std::optional<std::uint64_t> dimension(std::string_view text) {
  std::uint64_t size = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), size);
  if (end != text.data() + text.size() || text.empty()) return std::nullopt;
  if (error == std::errc::result_out_of_range) return std::numeric_limits<std::uint64_t>::max();
  return error == std::errc{} ? std::optional{size} : std::nullopt;
}

/// "3", "*", "64*", "2x3", "2x*": only the last dimension may vary.
std::optional<std::uint64_t> elements_of(std::string_view dimensions) {
  std::uint64_t count = 1;
  while (!dimensions.empty()) {
    const auto size = dimensions.substr(0, dimensions.find('x'));
    const auto number = dimension(size);
    if (!number) return std::nullopt;
    count = saturating_product(count, *number);
    dimensions.remove_prefix(std::min(dimensions.size(), size.size() + 1));
  }
  return count;
}

void set_shape(CellType& type, std::string_view arraysize) {
  if (arraysize.empty()) return;
  type.is_variable = arraysize.back() == '*';
  if (type.is_variable) arraysize.remove_suffix(1);
  const auto count = elements_of(arraysize);
  // So many words as the cell has: that is how a list of any length reads.
  type.has_unreadable_size = !count;
  type.is_variable |= !count;
  type.count = count.value_or(1);
  type.is_array = type.is_variable || type.count != 1;
}

std::string_view without_plus(std::string_view text) {
  const bool has_plus = text.size() > 1 && text.front() == '+' && text[1] != '-' && text[1] != '+';
  return has_plus ? text.substr(1) : text;
}

template <typename Number>
Number beyond_range(std::string_view text) {
  const auto exponent = text.find_first_of("eE");
  const bool is_tiny = exponent == std::string_view::npos
                           ? trimmed(text.substr(text.front() == '-' ? 1 : 0)).starts_with('0')
                           : text.substr(exponent + 1).starts_with('-');
  if (is_tiny) return Number{0};
  const auto infinity = std::numeric_limits<Number>::infinity();
  return text.front() == '-' ? -infinity : infinity;
}

template <typename Number>
std::optional<Number> floating_of_text(std::string_view text) {
  text = without_plus(trimmed(text));
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (end != text.data() + text.size() || text.empty()) return std::nullopt;
  if (error == std::errc::result_out_of_range) return beyond_range<Number>(text);
  if (error != std::errc{}) return std::nullopt;
  return number;
}

template <typename Number>
CellView floating_cell(std::string_view text) {
  const auto number = floating_of_text<Number>(text);
  if (!number || std::isnan(*number)) return {};
  return *number;
}

CellView boolean_cell(std::string_view text) {
  for (const auto* yes : {"true", "t", "1"}) {
    if (same_ignoring_case(text, yes)) return true;
  }
  for (const auto* no : {"false", "f", "0"}) {
    if (same_ignoring_case(text, no)) return false;
  }
  return {};
}

CellView integer_cell(std::string_view text) {
  const auto number = integer_of_text(text);
  return number ? CellView{*number} : CellView{};
}

CellView text_cell(std::string_view text, std::string& room) {
  if (is_utf8(text)) return text;
  room = as_utf8(text);
  return room;
}

CellView array_cell(std::string_view text, std::string& room, MemoryBudget& budget) {
  std::string elements;
  for_each_word(text, [&](std::string_view word) {
    budget.spend(1 + word.size());
    if (!elements.empty()) elements += ' ';
    elements += word;
  });
  room = as_utf8(elements);
  return room;
}

CellView scalar_cell(std::string_view text, Kind kind, std::string& room, MemoryBudget& budget) {
  switch (kind) {
    case Kind::Boolean:
      return boolean_cell(text);
    case Kind::Bit:
    case Kind::UnsignedByte:
    case Kind::Short:
    case Kind::Int:
    case Kind::Long:
      return integer_cell(text);
    case Kind::Float:
      return floating_cell<float>(text);
    case Kind::Double:
      return floating_cell<double>(text);
    case Kind::FloatComplex:
    case Kind::DoubleComplex:
      return array_cell(text, room, budget);
    case Kind::Char:
    case Kind::UnicodeChar:
    case Kind::Unknown:
      return text_cell(text, room);
  }
  return {};
}

template <typename Number>
void append_shortest(std::string& text, Number number) {
  if (std::isnan(number)) {
    text += "NaN";
  } else if (std::isinf(number)) {
    text += number > 0 ? "Inf" : "-Inf";
  } else {
    fmt::format_to(std::back_inserter(text), "{}", number);
  }
}

}  // namespace

bool CellType::is_null(const CellView& cell) const {
  return !std::holds_alternative<std::monostate>(null) && cell == view_of(null);
}

bool CellType::is_text() const { return kind == Kind::Char || kind == Kind::UnicodeChar || kind == Kind::Unknown; }

CellType cell_type(const VotableField& field) {
  CellType type;
  type.kind = kind_of(field.datatype);
  set_shape(type, trimmed(field.arraysize));
  if (field.null && (!type.is_array || type.is_text())) {
    MemoryBudget enough{2 * field.null->size() + 1};
    type.null = value_of_text(*field.null, type, enough);
  }
  return type;
}

void MemoryBudget::spend(std::uint64_t bytes) {
  if (bytes > left_) {
    throw Error{ErrorKind::Malformed,
                fmt::format("the table takes more than {} MiB of memory: ask for fewer rows (--where)", most_ >> 20)};
  }
  left_ -= bytes;
}

CellView cell_of_text(std::string_view text, const CellType& type, std::string& room, MemoryBudget& budget) {
  text = trimmed(text);
  if (text.empty()) return {};
  const auto cell =
      type.is_array && !type.is_text() ? array_cell(text, room, budget) : scalar_cell(text, type.kind, room, budget);
  return type.is_null(cell) ? CellView{} : cell;
}

VotableValue value_of_text(std::string_view text, const CellType& type, MemoryBudget& budget) {
  std::string room;
  return value_of(cell_of_text(text, type, room, budget));
}

std::optional<std::int64_t> integer_of_text(std::string_view text) {
  text = without_plus(trimmed(text));
  const bool is_hex = starts_with_ignoring_case(text, "0x");
  if (is_hex) text.remove_prefix(2);
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, is_hex ? 16 : 10);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<double> number_of_text(std::string_view text) { return floating_of_text<double>(text); }

void append_number(std::string& text, double number) { append_shortest(text, number); }
void append_number(std::string& text, float number) { append_shortest(text, number); }

std::string text_of_number(double number) {
  std::string text;
  append_shortest(text, number);
  return text;
}

std::string text_of_number(float number) {
  std::string text;
  append_shortest(text, number);
  return text;
}

}  // namespace platefs::vo
