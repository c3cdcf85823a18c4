// SPDX-License-Identifier: BSD-3-Clause
#include "tools/demo_archive/adql.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <string>
#include <utility>
#include <variant>

#include "tools/demo_archive/adql_terms.h"
#include "tools/demo_archive/adql_tokens.h"
#include "vo/base/ascii.h"
#include "vo/base/error.h"
#include "vo/votable/cell.h"

namespace platefs::demo {
namespace {

using Kind = AdqlToken::Kind;
/// Recursive descent; every function reads what its name says and leaves the place behind it.
class Parser {
 public:
  Parser(std::string_view text, const ObscoreTable& table) : tokens_(adql_tokens(text)), table_(table) {}

  Query query() {
    Query query;
    expect_word("SELECT");
    if (skip_word("ALL")) {
    }
    if (skip_word("TOP")) query.top = count();
    // Whose columns t.* are is said behind FROM.
    const auto list = at_;
    while (here().kind != Kind::End && !is_word("FROM")) ++at_;
    expect_word("FROM");
    query.where = from();
    const auto rest = std::exchange(at_, list);
    query.columns = selected();
    expect_word("FROM");
    at_ = rest;
    if (skip_word("WHERE")) query.where = all_of(std::move(query.where), any_of_conditions());
    if (skip_word("ORDER")) query.order = order();
    if (here().kind != Kind::End) fail("the end");
    return query;
  }

 private:
  const AdqlToken& here() const { return tokens_[at_]; }
  [[noreturn]] void fail(std::string_view expected) const {
    throw vo::Error(vo::ErrorKind::Rejected,
                    fmt::format("ADQL: expected {} at character {}, found {}", expected, here().at + 1, here().text));
  }

  bool is_word(std::string_view word) const {
    return here().kind == Kind::Word && vo::same_ignoring_case(here().text, word);
  }
  bool skip_word(std::string_view word) { return is_word(word) && ++at_ > 0; }
  void expect_word(std::string_view word) {
    if (!skip_word(word)) fail(word);
  }
  bool is_sign(std::string_view sign) const { return here().kind == Kind::Sign && here().text == sign; }
  bool skip_sign(std::string_view sign) { return is_sign(sign) && ++at_ > 0; }
  void expect_sign(std::string_view sign) {
    if (!skip_sign(sign)) fail(sign);
  }
  std::string taken() { return tokens_[at_++].text; }

  std::uint64_t count() {
    const auto value = here().kind == Kind::Number ? vo::integer_of_text(here().text) : std::nullopt;
    if (!value || *value < 0) fail("a number of rows");
    ++at_;
    return static_cast<std::uint64_t>(*value);
  }

  /// Name without the table's name or alias in front.
  std::size_t column() {
    if (here().kind != Kind::Word) fail("a column");
    const auto name = here().text.substr(here().text.rfind('.') + 1);
    const int found = table_.column(name);
    if (found < 0) throw vo::Error(vo::ErrorKind::Rejected, "ADQL: " + table_.name + " has no column " + name);
    ++at_;
    return static_cast<std::size_t>(found);
  }

  std::vector<std::size_t> selected() {
    std::vector<std::size_t> columns;
    do {
      if (is_sign("*") || (here().kind == Kind::Word && here().text.ends_with('.')))
        add_all(columns);
      else
        columns.push_back(column());
    } while (skip_sign(","));
    return columns;
  }

  /// "*" or "alias.*".
  void add_all(std::vector<std::size_t>& columns) {
    std::size_t first = 0, end = table_.fields.size();
    if (!is_sign("*")) {
      const auto alias = taken();
      const bool is_upload = vo::same_ignoring_case(alias, upload_alias_ + ".");
      (is_upload ? end : first) = table_.upload_columns;
    }
    expect_sign("*");
    for (auto i = first; i < end; ++i) columns.push_back(i);
  }

  /// The condition of a join.
  Condition from() {
    const auto name = table_name();
    if (!vo::same_ignoring_case(name, table_.name) && !vo::same_ignoring_case("ivoa." + name, table_.name)) {
      throw vo::Error(vo::ErrorKind::Rejected, fmt::format("ADQL: there is no table {}, only ivoa.obscore", name));
    }
    alias();
    if (table_.upload.empty()) return [](const ObscoreRow&) { return std::optional(true); };
    expect_word("JOIN");
    const auto upload = table_name();
    if (!vo::same_ignoring_case(upload, "TAP_UPLOAD." + table_.upload)) {
      throw vo::Error(vo::ErrorKind::Rejected, fmt::format("ADQL: no table {} was uploaded", upload));
    }
    upload_alias_ = alias().value_or(upload);
    expect_word("ON");
    return any_of_conditions();
  }

  std::string table_name() {
    if (here().kind != Kind::Word) fail("a table");
    return taken();
  }

  std::optional<std::string> alias() {
    const bool is_next =
        here().kind == Kind::Word && !is_word("WHERE") && !is_word("ORDER") && !is_word("JOIN") && !is_word("ON");
    return skip_word("AS") || is_next ? std::optional(taken()) : std::nullopt;
  }

  std::vector<Query::Order> order() {
    expect_word("BY");
    std::vector<Query::Order> columns;
    do {
      const auto by = column();
      const bool is_descending = skip_word("DESC");
      if (!is_descending) skip_word("ASC");
      columns.push_back({by, is_descending});
    } while (skip_sign(","));
    return columns;
  }

  Condition any_of_conditions() {
    auto a = all_of_conditions();
    while (skip_word("OR")) {
      auto b = all_of_conditions();
      a = [a = std::move(a), b = std::move(b)](const ObscoreRow& row) {
        return negated(both(negated(a(row)), negated(b(row))));
      };
    }
    return a;
  }

  static Condition all_of(Condition a, Condition b) {
    return [a = std::move(a), b = std::move(b)](const ObscoreRow& row) { return both(a(row), b(row)); };
  }

  Condition all_of_conditions() {
    auto a = condition();
    while (skip_word("AND")) a = all_of(std::move(a), condition());
    return a;
  }

  Condition condition() {
    if (skip_word("NOT")) return opposite_of(condition());
    if (!is_sign("(")) return predicate();
    // What follows may be conditions in parentheses or a calculation that a predicate begins with.
    const auto start = at_;
    try {
      ++at_;
      auto inner = any_of_conditions();
      expect_sign(")");
      return inner;
    } catch (const vo::Error&) {
      at_ = start;
      return predicate();
    }
  }

  static Condition opposite_of(Condition condition) {
    return [condition = std::move(condition)](const ObscoreRow& row) { return negated(condition(row)); };
  }

  Condition predicate() {
    auto a = value();
    if (here().kind == Kind::Sign) {
      for (const auto* const sign : {"=", "<>", "!=", "<=", ">=", "<", ">"}) {
        if (skip_sign(sign)) return comparison(std::move(a), sign, value());
      }
    }
    if (skip_word("IS")) {
      const bool is_not = skip_word("NOT");
      expect_word("NULL");
      return [a = std::move(a), is_not](const ObscoreRow& row) {
        return std::optional(std::holds_alternative<std::monostate>(a(row)) != is_not);
      };
    }
    const bool is_not = skip_word("NOT");
    auto condition = word_predicate(std::move(a));
    return is_not ? opposite_of(std::move(condition)) : condition;
  }

  Condition word_predicate(Value a) {
    if (skip_word("LIKE")) return like(std::move(a), false);
    if (skip_word("ILIKE")) return like(std::move(a), true);
    if (skip_word("BETWEEN")) {
      auto low = comparison(a, ">=", value());
      expect_word("AND");
      auto high = comparison(a, "<=", value());
      return
          [low = std::move(low), high = std::move(high)](const ObscoreRow& row) { return both(low(row), high(row)); };
    }
    if (skip_word("IN")) return member(std::move(a));
    fail("a comparison");
  }

  Condition like(Value a, bool ignores_case) {
    if (here().kind != Kind::Text) fail("a pattern");
    auto pattern = taken();
    if (ignores_case) pattern = vo::lower_case(pattern);
    return
        [a = std::move(a), pattern = std::move(pattern), ignores_case](const ObscoreRow& row) -> std::optional<bool> {
          const auto value = a(row);
          if (std::holds_alternative<std::monostate>(value)) return std::nullopt;
          const auto text = vo::text_of(value);
          return is_like(ignores_case ? vo::lower_case(text) : text, pattern);
        };
  }

  Condition member(Value a) {
    expect_sign("(");
    Condition result = [](const ObscoreRow&) { return std::optional(false); };
    do {
      auto equal = comparison(a, "=", value());
      result = [result = std::move(result), equal = std::move(equal)](const ObscoreRow& row) {
        return negated(both(negated(result(row)), negated(equal(row))));
      };
    } while (skip_sign(","));
    expect_sign(")");
    return result;
  }

  Value value() {
    auto a = product();
    while (is_sign("+") || is_sign("-")) {
      const char sign = taken().front();
      a = arithmetic(std::move(a), sign, product());
    }
    return a;
  }

  Value product() {
    auto a = factor();
    while (is_sign("*") || is_sign("/")) {
      const char sign = taken().front();
      a = arithmetic(std::move(a), sign, factor());
    }
    return a;
  }

  Value factor() {
    if (skip_sign("-")) return arithmetic([](const ObscoreRow&) { return vo::VotableValue(0.0); }, '-', factor());
    if (skip_sign("+")) return factor();
    if (skip_sign("(")) {
      auto inner = value();
      expect_sign(")");
      return inner;
    }
    if (here().kind == Kind::Number) {
      const auto number = vo::number_of_text(taken());
      return [number](const ObscoreRow&) { return number ? vo::VotableValue(*number) : vo::VotableValue(); };
    }
    if (here().kind == Kind::Text) return [text = taken()](const ObscoreRow&) { return vo::VotableValue(text); };
    if (here().kind == Kind::Word && tokens_[at_ + 1].text == "(") return function();
    const auto index = column();
    return [index](const ObscoreRow& row) { return row.cells[index]; };
  }

  Value function() {
    const bool is_contains = is_word("CONTAINS"), is_distance = is_word("DISTANCE");
    if (!is_contains && !is_distance && !is_word("INTERSECTS")) fail("CONTAINS, INTERSECTS or DISTANCE");
    at_ += 2;
    auto a = geometry();
    expect_sign(",");
    auto b = geometry();
    expect_sign(")");
    if (is_distance) return distance(std::move(a), std::move(b));
    return [a = std::move(a), b = std::move(b), is_contains](const ObscoreRow& row) -> vo::VotableValue {
      const bool holds = is_contains ? is_inside(a(row), b(row)) : have_common_points(a(row), b(row));
      return std::int64_t{holds};
    };
  }

  static Value distance(Geometry a, Geometry b) {
    return [a = std::move(a), b = std::move(b)](const ObscoreRow& row) -> vo::VotableValue {
      const auto from = a(row), to = b(row);
      if (!std::holds_alternative<vo::IcrsPosition>(from) || !std::holds_alternative<vo::IcrsPosition>(to)) {
        throw vo::Error(vo::ErrorKind::Rejected, "ADQL: DISTANCE wants two POINTs");
      }
      return vo::separation(std::get<vo::IcrsPosition>(from), std::get<vo::IcrsPosition>(to)).as_degrees();
    };
  }

  Geometry geometry() {
    if (is_word("POINT") || is_word("CIRCLE")) return literal_geometry(is_word("CIRCLE"));
    if (here().kind != Kind::Word || column() != static_cast<std::size_t>(table_.column("s_region"))) {
      fail("POINT, CIRCLE or s_region");
    }
    return [](const ObscoreRow& row) { return Shape(Footprint(row.outline)); };
  }

  /// POINT('ICRS', ra, dec), CIRCLE('ICRS', ra, dec, radius); the frame may be left out (ADQL 2.1).
  Geometry literal_geometry(bool is_circle) {
    ++at_;
    expect_sign("(");
    if (here().kind == Kind::Text) {
      const auto frame = taken();
      if (!frame.empty() && !vo::starts_with_ignoring_case(frame, "ICRS")) {
        throw vo::Error(vo::ErrorKind::Rejected, "ADQL: the frame is ICRS, not " + frame);
      }
      expect_sign(",");
    }
    auto ra = value();
    expect_sign(",");
    auto dec = value();
    Value radius;
    if (is_circle) {
      expect_sign(",");
      radius = value();
    }
    expect_sign(")");
    return [ra = std::move(ra), dec = std::move(dec), radius = std::move(radius)](const ObscoreRow& row) {
      return shape_of(vo::number_of(ra(row)), vo::number_of(dec(row)),
                      radius ? vo::number_of(radius(row)) : std::nullopt);
    };
  }

  static Shape shape_of(std::optional<double> ra, std::optional<double> dec, std::optional<double> radius) {
    if (!ra || !dec) return {};
    const auto position = vo::IcrsPosition::at(vo::Angle::degrees(*ra), vo::Angle::degrees(*dec));
    if (!radius) return position;
    return vo::Cone{position, vo::Angle::degrees(*radius)};
  }

  std::vector<AdqlToken> tokens_;
  const ObscoreTable& table_;
  std::string upload_alias_;
  std::size_t at_ = 0;
};

/// NULL comes last in either direction, as in PostgreSQL's default for ascending order.
bool comes_before(const ObscoreRow& a, const ObscoreRow& b, const std::vector<Query::Order>& order) {
  for (const auto& by : order) {
    const auto& x = a.cells[by.column];
    const auto& y = b.cells[by.column];
    const bool x_is_null = std::holds_alternative<std::monostate>(x),
               y_is_null = std::holds_alternative<std::monostate>(y);
    if (x_is_null != y_is_null) return y_is_null;
    const int result = compared(x, y).value_or(0);
    if (result != 0) return by.is_descending ? result > 0 : result < 0;
  }
  return false;
}

}  // namespace

Query read_adql(std::string_view text, const ObscoreTable& table) { return Parser(text, table).query(); }

Selection run(const Query& query, const ObscoreTable& table, std::uint64_t limit) {
  Selection selection;
  for (const auto& row : table.rows) {
    if (query.where(row).value_or(false)) selection.rows.push_back(&row);
  }
  std::ranges::stable_sort(selection.rows,
                           [&](const auto* a, const auto* b) { return comes_before(*a, *b, query.order); });
  if (query.top && *query.top < selection.rows.size()) selection.rows.resize(*query.top);
  selection.is_cut = selection.rows.size() > limit;
  if (selection.is_cut) selection.rows.resize(limit);
  return selection;
}

}  // namespace platefs::demo
