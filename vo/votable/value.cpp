// SPDX-License-Identifier: BSD-3-Clause
#include <fmt/core.h>

#include <cmath>

#include "vo/base/ascii.h"
#include "vo/votable/cell.h"
#include "vo/votable/votable.h"

namespace platefs::vo {
namespace {

struct Text {
  std::string operator()(std::monostate) const { return {}; }
  std::string operator()(bool value) const { return value ? "true" : "false"; }
  std::string operator()(std::int64_t value) const { return fmt::format("{}", value); }
  std::string operator()(float value) const { return text_of_number(value); }
  std::string operator()(double value) const { return text_of_number(value); }
  std::string operator()(const std::string& value) const { return value; }
};

struct Number {
  std::optional<double> operator()(std::monostate) const { return std::nullopt; }
  std::optional<double> operator()(bool) const { return std::nullopt; }
  std::optional<double> operator()(std::int64_t value) const { return static_cast<double>(value); }
  /// By its decimals: a float 0.1 means 0.1, not 0.10000000149.
  std::optional<double> operator()(float value) const { return number_of_text(text_of_number(value)); }
  std::optional<double> operator()(double value) const { return value; }
  std::optional<double> operator()(const std::string& value) const { return number_of_text(value); }
};

/// 2^63: the first double that no int64 can hold.
constexpr double kIntegerLimit = 9223372036854775808.0;

std::optional<std::int64_t> whole(double value) {
  if (value != std::floor(value) || std::fabs(value) >= kIntegerLimit) return std::nullopt;
  return static_cast<std::int64_t>(value);
}

}  // namespace

bool ServiceDescriptor::is(std::string_view standard_id_prefix) const {
  return starts_with_ignoring_case(standard_id, standard_id_prefix);
}

const VotableField* ServiceDescriptor::input(std::string_view wanted) const {
  for (const auto& field : inputs) {
    if (same_ignoring_case(field.name, wanted)) return &field;
  }
  return nullptr;
}

int Votable::column(std::string_view name, std::string_view utype_suffix) const {
  const auto find = [&](auto matches) {
    for (std::size_t i = 0; i < fields.size(); ++i) {
      if (matches(fields[i])) return static_cast<int>(i);
    }
    return -1;
  };
  const auto named = find([&](const auto& field) { return same_ignoring_case(field.name, name); });
  if (named >= 0 || utype_suffix.empty()) return named;
  return find([&](const auto& field) { return ends_with_ignoring_case(field.utype, utype_suffix); });
}

std::string text_of(const VotableValue& value) { return std::visit(Text{}, value); }

std::optional<double> number_of(const VotableValue& value) {
  const auto number = std::visit(Number{}, value);
  return number && std::isnan(*number) ? std::nullopt : number;
}

std::optional<std::int64_t> integer_of(const VotableValue& value) {
  if (const auto* integer = std::get_if<std::int64_t>(&value)) return *integer;
  if (const auto* text = std::get_if<std::string>(&value)) {
    if (const auto integer = integer_of_text(*text)) return integer;
  }
  const auto number = number_of(value);
  return number ? whole(*number) : std::nullopt;
}

}  // namespace platefs::vo
