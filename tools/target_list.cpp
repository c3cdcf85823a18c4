// SPDX-License-Identifier: BSD-3-Clause
#include "tools/target_list.h"

#include <fmt/core.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <initializer_list>
#include <optional>

#include "tools/delimited_text.h"
#include "vo/error.h"
#include "vo/votable.h"

namespace platefs::tools {
namespace {

using vo::Error;
using vo::ErrorKind;

struct Column {
  std::string name, ucd, unit;
};

struct Table {
  std::vector<Column> columns;
  std::vector<std::vector<std::string>> rows;
};

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); });
  return text;
}

Table table_of(const vo::Votable& votable) {
  Table table;
  for (const auto& field : votable.fields) table.columns.push_back({field.name, field.ucd, field.unit});
  for (const auto& row : votable.rows) {
    auto& cells = table.rows.emplace_back();
    for (const auto& cell : row) cells.push_back(vo::text_of(cell));
  }
  return table;
}

std::optional<double> number_in(const std::string& text) {
  double number = 0;
  const auto* begin = text.data() + (text.starts_with('+') ? 1 : 0);
  const auto* end = text.data() + text.size();
  const auto [at, problem] = std::from_chars(begin, end, number);
  return problem == std::errc{} && at == end && begin != end ? std::optional{number} : std::nullopt;
}

/// Which column is most likely meant: UCDs before names, earlier names of the list before later ones.
int best_column(const std::vector<Column>& columns, std::initializer_list<const char*> ucds,
                std::initializer_list<const char*> names) {
  for (const auto* ucd : ucds) {
    for (std::size_t i = 0; i < columns.size(); ++i) {
      if (lower(columns[i].ucd).starts_with(ucd)) return static_cast<int>(i);
    }
  }
  for (const auto* name : names) {
    for (std::size_t i = 0; i < columns.size(); ++i) {
      if (lower(columns[i].name) == name) return static_cast<int>(i);
    }
  }
  return -1;
}

struct Meaning {
  int ra = -1, dec = -1, name = -1;
};

Meaning meaning_of(const std::vector<Column>& columns) {
  return {best_column(columns, {"pos.eq.ra;meta.main", "pos_eq_ra_main", "pos.eq.ra", "pos_eq_ra"},
                      {"ra", "raj2000", "_raj2000", "ra_icrs", "ra2000", "ra_j2000", "ra_deg", "radeg", "_ra",
                       "s_ra", "alpha_j2000", "alpha", "right_ascension", "ra(deg)", "ra(icrs)"}),
          best_column(columns, {"pos.eq.dec;meta.main", "pos_eq_dec_main", "pos.eq.dec", "pos_eq_dec"},
                      {"dec", "de", "dej2000", "decj2000", "_dej2000", "de_icrs", "dec_icrs", "dec2000",
                       "dec_j2000", "dec_deg", "dedeg", "decdeg", "_de", "_dec", "s_dec", "delta_j2000", "delta",
                       "declination", "dec(deg)", "dec(icrs)"}),
          best_column(columns, {"meta.id;meta.main", "id_main", "meta.id"},
                      {"name", "target", "object", "main_id", "star", "id", "source_id", "designation",
                       "identifier", "source"})};
}

std::string cell(const std::vector<std::string>& row, int column) {
  if (column < 0 || static_cast<std::size_t>(column) >= row.size()) return {};
  auto text = row[static_cast<std::size_t>(column)];
  while (!text.empty() && text.back() == ' ') text.pop_back();
  return text;
}

bool is_hours(const std::string& unit) {
  const auto low = lower(unit);
  return low == "h" || low == "hr" || low == "hour" || low == "hours" || low == "hourangle";
}

/// Both as one word that is read like a target's name.
fs::Target sexagesimal(std::string ra, std::string dec, vo::Angle radius) {
  std::replace(ra.begin(), ra.end(), ' ', ':');
  std::replace(dec.begin(), dec.end(), ' ', ':');
  const bool has_sign = dec.starts_with('+') || dec.starts_with('-');
  auto wanted = wanted_target(ra + (has_sign ? "" : "+") + dec, radius);
  if (!wanted.target) throw Error{ErrorKind::Rejected, fmt::format("'{}', '{}' is no position", ra, dec)};
  return *wanted.target;
}

fs::Target position_of(const std::string& ra, const std::string& dec, const Column& column, vo::Angle radius) {
  const auto ra_number = number_in(ra), dec_number = number_in(dec);
  if (!ra_number || !dec_number) return sexagesimal(ra, dec, radius);
  const auto degrees = is_hours(column.unit) ? *ra_number * 15 : *ra_number;
  return {vo::IcrsPosition::at(vo::Angle::degrees(degrees), vo::Angle::degrees(*dec_number)), radius, true};
}

using Lines = std::vector<std::vector<std::string>>;

std::vector<Column> headings_in(std::vector<std::string> cells) {
  if (!cells.empty() && cells.front() == "#") {
    cells.erase(cells.begin());
  } else if (!cells.empty() && cells.front().starts_with('#')) {
    cells.front().erase(0, 1);
  }
  std::vector<Column> headings;
  for (const auto& cell : cells) headings.push_back({cell, "", ""});
  const auto meaning = meaning_of(headings);
  const bool are_headings = meaning.name >= 0 || (meaning.ra >= 0 && meaning.dec >= 0);
  return are_headings ? headings : std::vector<Column>{};
}

Table table_of(Lines lines) {
  Table table;
  if (lines.empty()) return table;
  table.columns = headings_in(lines.front());
  const bool is_comment = lines.front().front().starts_with('#');
  if (!table.columns.empty() || is_comment) lines.erase(lines.begin());
  if (table.columns.empty() && !lines.empty()) {
    table.columns = lines.front().size() < 2 ? std::vector<Column>{{"name", "", ""}}
                                             : std::vector<Column>{{"ra", "", ""}, {"dec", "", ""}, {"name", "", ""}};
  }
  table.rows = std::move(lines);
  return table;
}

WantedTarget target_in(const std::vector<std::string>& row, const Meaning& meaning, const Table& table,
                       vo::Angle radius) {
  const auto name = cell(row, meaning.name);
  if (meaning.ra < 0 || meaning.dec < 0) return wanted_target(name, radius);
  auto target = position_of(cell(row, meaning.ra), cell(row, meaning.dec),
                            table.columns[static_cast<std::size_t>(meaning.ra)], radius);
  const auto word = target.canonical_name();
  return {name.empty() ? word : name, word, std::move(target)};
}

std::string heading_list(const Table& table) {
  std::string text;
  for (const auto& column : table.columns) text += (text.empty() ? "" : ", ") + column.name;
  return text;
}

}  // namespace

std::vector<WantedTarget> read_targets(std::string_view text, vo::Angle default_radius) {
  const bool is_votable = text.substr(0, 4096).find("VOTABLE") != std::string_view::npos;
  const auto table = is_votable ? table_of(vo::read_votable(text)) : table_of(delimited_lines(text));
  const auto meaning = meaning_of(table.columns);
  if ((meaning.ra < 0 || meaning.dec < 0) && meaning.name < 0) {
    throw Error{ErrorKind::Rejected,
                fmt::format("no columns ra and dec, nor name, among: {}", heading_list(table))};
  }
  std::vector<WantedTarget> targets;
  for (std::size_t i = 0; i < table.rows.size(); ++i) {
    try {
      targets.push_back(target_in(table.rows[i], meaning, table, default_radius));
    } catch (const Error& error) {
      throw Error{ErrorKind::Rejected, fmt::format("row {}: {}", i + 1, error.what())};
    }
  }
  return targets;
}

}  // namespace platefs::tools
