// SPDX-License-Identifier: BSD-3-Clause
#include "tools/demo_archive/adql_terms.h"

#include <utility>

#include "vo/base/error.h"
#include "vo/votable/cell.h"

namespace platefs::demo {
namespace {

double calculated(double a, char sign, double b) {
  switch (sign) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    default:
      return a / b;
  }
}

}  // namespace

std::optional<int> compared(const vo::VotableValue& a, const vo::VotableValue& b) {
  if (std::holds_alternative<std::monostate>(a) || std::holds_alternative<std::monostate>(b)) return std::nullopt;
  if (std::holds_alternative<std::string>(a) && std::holds_alternative<std::string>(b)) {
    const int order = std::get<std::string>(a).compare(std::get<std::string>(b));
    return (order > 0) - (order < 0);
  }
  const auto x = vo::number_of(a), y = vo::number_of(b);
  if (!x || !y) throw vo::Error(vo::ErrorKind::Rejected, "ADQL: a text is compared with a number");
  return (*x > *y) - (*x < *y);
}

std::optional<bool> negated(std::optional<bool> value) { return value ? std::optional(!*value) : std::nullopt; }

std::optional<bool> both(std::optional<bool> a, std::optional<bool> b) {
  if ((a && !*a) || (b && !*b)) return false;
  return a && b ? std::optional(true) : std::nullopt;
}

Condition comparison(Value a, const std::string& sign, Value b) {
  const auto holds = [sign](int order) {
    if (sign == "=") return order == 0;
    if (sign == "<>" || sign == "!=") return order != 0;
    if (sign == "<") return order < 0;
    if (sign == ">") return order > 0;
    return sign == "<=" ? order <= 0 : order >= 0;
  };
  return [a = std::move(a), b = std::move(b), holds](const ObscoreRow& row) -> std::optional<bool> {
    const auto order = compared(a(row), b(row));
    return order ? std::optional(holds(*order)) : std::nullopt;
  };
}

bool is_inside(const Shape& inner, const Shape& outer) {
  const auto* const point = std::get_if<vo::IcrsPosition>(&inner);
  if (point == nullptr) throw vo::Error(vo::ErrorKind::Rejected, "ADQL: CONTAINS wants a POINT as its first argument");
  if (const auto* const cone = std::get_if<vo::Cone>(&outer))
    return vo::separation(*point, cone->centre) <= cone->radius;
  if (const auto* const region = std::get_if<Footprint>(&outer)) return contains(*region, *point);
  throw vo::Error(vo::ErrorKind::Rejected, "ADQL: CONTAINS wants s_region or a CIRCLE as its second argument");
}

bool have_common_points(const Shape& a, const Shape& b) {
  if (std::holds_alternative<vo::IcrsPosition>(a)) return is_inside(a, b);
  if (std::holds_alternative<vo::IcrsPosition>(b)) return is_inside(b, a);
  const auto* const cone = std::get_if<vo::Cone>(&a);
  const auto* const region = std::get_if<Footprint>(&b);
  if (cone != nullptr && region != nullptr) return touches(*region, cone->centre, cone->radius);
  if (std::holds_alternative<Footprint>(a) && std::holds_alternative<vo::Cone>(b)) return have_common_points(b, a);
  throw vo::Error(vo::ErrorKind::Rejected, "ADQL: INTERSECTS is known of s_region, a POINT and a CIRCLE");
}

Value arithmetic(Value a, char sign, Value b) {
  return [a = std::move(a), sign, b = std::move(b)](const ObscoreRow& row) -> vo::VotableValue {
    const auto x = vo::number_of(a(row)), y = vo::number_of(b(row));
    if (!x || !y) return {};
    return calculated(*x, sign, *y);
  };
}

bool is_like(std::string_view text, std::string_view pattern) {
  std::size_t t = 0, p = 0, star = std::string_view::npos, mark = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '%') {
      star = p++;
      mark = t;
    } else if (p < pattern.size() && (pattern[p] == '_' || pattern[p] == text[t])) {
      ++t;
      ++p;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++mark;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '%') ++p;
  return p == pattern.size();
}

}  // namespace platefs::demo
