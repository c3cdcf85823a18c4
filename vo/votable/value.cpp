// SPDX-License-Identifier: BSD-3-Clause
#include "vo/votable/value.h"

#include <fmt/format.h>

#include <cmath>
#include <iterator>

#include "vo/votable/cell.h"

namespace platefs::vo {
namespace {

struct Appended {
  std::string& text;

  void operator()(std::monostate) const {}
  void operator()(bool value) const { text += value ? "true" : "false"; }
  void operator()(std::int64_t value) const { text += fmt::format_int(value).c_str(); }
  void operator()(float value) const { append_number(text, value); }
  void operator()(double value) const { append_number(text, value); }
  void operator()(std::string_view value) const { text += value; }
};

struct Number {
  std::optional<double> operator()(std::monostate) const { return std::nullopt; }
  std::optional<double> operator()(bool) const { return std::nullopt; }
  std::optional<double> operator()(std::int64_t value) const { return static_cast<double>(value); }
  /// By its decimals: a float 0.1 means 0.1, not 0.10000000149.
  std::optional<double> operator()(float value) const { return number_of_text(text_of_number(value)); }
  std::optional<double> operator()(double value) const { return value; }
  std::optional<double> operator()(std::string_view value) const { return number_of_text(value); }
};

/// 2^63: the first double that no int64 can hold.
constexpr double kIntegerLimit = 9223372036854775808.0;

std::optional<std::int64_t> whole(double value) {
  if (value != std::floor(value) || std::fabs(value) >= kIntegerLimit) return std::nullopt;
  return static_cast<std::int64_t>(value);
}

}  // namespace

CellView view_of(const VotableValue& value) {
  return std::visit([](const auto& each) -> CellView { return each; }, value);
}

VotableValue value_of(const CellView& cell) {
  return std::visit(
      [](const auto& each) -> VotableValue {
        if constexpr (std::is_same_v<std::decay_t<decltype(each)>, std::string_view>) {
          return std::string{each};
        } else {
          return each;
        }
      },
      cell);
}

void append_text(std::string& text, const CellView& cell) { std::visit(Appended{text}, cell); }

std::string text_of(const CellView& cell) {
  std::string text;
  append_text(text, cell);
  return text;
}

std::string text_of(const VotableValue& value) { return text_of(view_of(value)); }

std::optional<double> number_of(const CellView& cell) {
  const auto number = std::visit(Number{}, cell);
  return number && std::isnan(*number) ? std::nullopt : number;
}

std::optional<double> number_of(const VotableValue& value) { return number_of(view_of(value)); }

std::optional<std::int64_t> integer_of(const CellView& cell) {
  if (const auto* integer = std::get_if<std::int64_t>(&cell)) return *integer;
  if (const auto* text = std::get_if<std::string_view>(&cell)) {
    if (const auto integer = integer_of_text(*text)) return integer;
  }
  const auto number = number_of(cell);
  return number ? whole(*number) : std::nullopt;
}

std::optional<std::int64_t> integer_of(const VotableValue& value) { return integer_of(view_of(value)); }

}  // namespace platefs::vo
