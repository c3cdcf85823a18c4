// SPDX-License-Identifier: BSD-3-Clause
#include "tools/commands/target_list.h"

#include <fmt/core.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <initializer_list>
#include <numbers>
#include <optional>
#include <utility>

#include "vo/base/ascii.h"
#include "vo/base/error.h"
#include "vo/base/inflate.h"
#include "vo/base/words.h"
#include "vo/tables/delimited_text.h"
#include "vo/tables/ecsv_header.h"
#include "vo/votable/votable.h"

namespace platefs::tools {
namespace {

using vo::cells_of;
using vo::delimited_text;
using vo::DelimitedLine;
using vo::DelimitedText;
using vo::ecsv_units;
using vo::Error;
using vo::ErrorKind;
using vo::is_ecsv_header;

struct Column {
  std::string name, ucd, unit;
};

struct Row {
  std::string place;  ///< "line 7": where to look for it
  std::vector<std::string> cells;
};

struct Table {
  std::vector<Column> columns;
  std::vector<Row> rows;
};

Table table_of(const vo::Votable& votable) {
  Table table;
  for (const auto& field : votable.fields) table.columns.push_back({field.name, field.ucd, field.unit});
  for (const auto row : votable.rows) {
    auto& read = table.rows.emplace_back(Row{fmt::format("row {}", table.rows.size() + 1), {}});
    for (std::size_t i = 0; i < row.size(); ++i) read.cells.push_back(vo::text_of(row.view(i)));
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

/// NULL as services and programs spell it in tables.
bool has_no_value(const std::string& cell) {
  const auto number = number_in(cell);
  return vo::says_nothing(cell) || vo::lower_case(cell) == "masked" || (number && std::isnan(*number));
}

/// Which column is most likely meant: UCDs before names, earlier names of the list before later ones.
int best_column(const std::vector<Column>& columns, std::initializer_list<const char*> ucds,
                std::initializer_list<const char*> names) {
  for (const auto* ucd : ucds) {
    for (std::size_t i = 0; i < columns.size(); ++i) {
      if (vo::lower_case(columns[i].ucd).starts_with(ucd)) return static_cast<int>(i);
    }
  }
  // astropy writes the parts of a SkyCoord as coord.ra and coord.dec.
  for (const bool is_part : {false, true}) {
    for (const auto* name : names) {
      for (std::size_t i = 0; i < columns.size(); ++i) {
        const auto heading = vo::lower_case(columns[i].name);
        if (is_part ? heading.ends_with(std::string{"."} + name) : heading == name) return static_cast<int>(i);
      }
    }
  }
  return -1;
}

struct Meaning {
  int ra = -1, dec = -1, name = -1;
};

bool has_positions(const Meaning& meaning) { return meaning.ra >= 0 && meaning.dec >= 0; }

Meaning meaning_of(const std::vector<Column>& columns) {
  return {best_column(columns, {"pos.eq.ra;meta.main", "pos_eq_ra_main", "pos.eq.ra", "pos_eq_ra"},
                      {"ra", "raj2000", "_raj2000", "ra_icrs", "ra2000", "ra_j2000", "ra_deg", "radeg", "_ra", "s_ra",
                       "alpha_j2000", "alpha", "right_ascension", "ra(deg)", "ra(icrs)"}),
          best_column(columns, {"pos.eq.dec;meta.main", "pos_eq_dec_main", "pos.eq.dec", "pos_eq_dec"},
                      {"dec",     "de",          "dej2000", "decj2000",    "_dej2000", "de_icrs",  "dec_icrs",
                       "dec2000", "dec_j2000",   "dec_deg", "dedeg",       "decdeg",   "_de",      "_dec",
                       "s_dec",   "delta_j2000", "delta",   "declination", "dec(deg)", "dec(icrs)"}),
          best_column(columns, {"meta.id;meta.main", "id_main", "meta.id"},
                      {"name", "target", "object", "main_id", "star", "id", "source_id", "designation", "identifier",
                       "source"})};
}

std::string cell(const std::vector<std::string>& row, int column) {
  if (column < 0 || static_cast<std::size_t>(column) >= row.size()) return {};
  auto text = row[static_cast<std::size_t>(column)];
  while (!text.empty() && text.back() == ' ') text.pop_back();
  return text;
}

/// Degrees in one of `unit`. Without a unit they are degrees.
double degrees_in(const std::string& unit) {
  const auto low = vo::lower_case(unit);
  if (low == "h" || low == "hr" || low == "hour" || low == "hours" || low == "hourangle") return 15;
  if (low == "rad" || low == "radian") return 180 / std::numbers::pi;
  return 1;
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

fs::Target position_of(const std::string& ra, const Column& ra_column, const std::string& dec, const Column& dec_column,
                       vo::Angle radius) {
  const auto ra_number = number_in(ra), dec_number = number_in(dec);
  if (!ra_number || !dec_number) return sexagesimal(ra, dec, radius);
  return {vo::IcrsPosition::at(vo::Angle::degrees(*ra_number * degrees_in(ra_column.unit)),
                               vo::Angle::degrees(*dec_number * degrees_in(dec_column.unit))),
          radius, true};
}

std::vector<Column> headings_in(const std::vector<std::string>& cells) {
  std::vector<Column> headings;
  for (const auto& cell : cells) headings.push_back({cell, "", ""});
  const auto meaning = meaning_of(headings);
  const auto is_number = [](const std::string& cell) { return number_in(cell).has_value(); };
  const bool has_numbers = std::ranges::any_of(cells, is_number);
  const bool are_headings = !has_numbers && (meaning.name >= 0 || has_positions(meaning));
  return are_headings ? headings : std::vector<Column>{};
}

/// STIL writes the headings of a text table into its last comment. A remark may hold their words, too: "target list".
std::vector<Column> headings_in_comments(const std::vector<std::string>& comments,
                                         const std::vector<std::string>& row) {
  for (auto comment = comments.rbegin(); comment != comments.rend(); ++comment) {
    auto headings = headings_in(cells_of(*comment));
    const bool is_like_row = headings.size() == row.size() && !number_in(row.front());
    if (has_positions(meaning_of(headings)) || (!headings.empty() && is_like_row)) return headings;
  }
  return {};
}

std::vector<Column> usual_columns(std::size_t number) {
  if (number < 2) return {{"name", "", ""}};
  return {{"ra", "", ""}, {"dec", "", ""}, {"name", "", ""}};
}

/// The first line of an ECSV file that is no comment has the names, whatever they are.
std::vector<Column> columns_of_ecsv(const std::vector<std::string>& names, const std::vector<std::string>& comments) {
  const auto units = ecsv_units(comments);
  std::vector<Column> columns;
  for (const auto& name : names) {
    const auto unit = units.find(name);
    columns.push_back({name, "", unit == units.end() ? "" : unit->second});
  }
  return columns;
}

bool is_rule(const DelimitedLine& line) {
  return std::ranges::all_of(line.cells, [](const std::string& cell) {
    return !cell.empty() && cell.find_first_not_of('-') == std::string::npos;
  });
}

/// VizieR draws a line under the headings, and has the units above it. Returns how many lines are no rows.
std::size_t read_units(std::vector<Column>& columns, const std::vector<DelimitedLine>& lines) {
  if (!lines.empty() && is_rule(lines[0])) return 1;
  if (lines.size() < 2 || !is_rule(lines[1])) return 0;
  const auto& units = lines[0].cells;
  for (std::size_t i = 0; i < std::min(columns.size(), units.size()); ++i) columns[i].unit = units[i];
  return 2;
}

Table table_of(DelimitedText text) {
  Table table;
  const bool is_ecsv = is_ecsv_header(text.comments);
  if (!text.lines.empty()) {
    const auto& first = text.lines.front().cells;
    table.columns = is_ecsv ? columns_of_ecsv(first, text.comments) : headings_in(first);
    const bool is_of_headings = !table.columns.empty();
    if (!is_of_headings) table.columns = headings_in_comments(text.comments, first);
    if (table.columns.empty()) table.columns = usual_columns(first.size());
    if (is_of_headings) {
      text.lines.erase(text.lines.begin());
      const auto no_rows = static_cast<std::ptrdiff_t>(read_units(table.columns, text.lines));
      text.lines.erase(text.lines.begin(), text.lines.begin() + no_rows);
    }
  }
  for (auto& line : text.lines) table.rows.push_back({fmt::format("line {}", line.number), std::move(line.cells)});
  return table;
}

bool has_target(const std::vector<std::string>& row, const Meaning& meaning) {
  const auto is_empty = [&](int column) { return has_no_value(cell(row, column)); };
  return has_positions(meaning) ? !is_empty(meaning.ra) || !is_empty(meaning.dec) : !is_empty(meaning.name);
}

WantedTarget target_in(const std::vector<std::string>& row, const Meaning& meaning, const Table& table,
                       vo::Angle radius) {
  const auto name = cell(row, meaning.name);
  if (!has_positions(meaning)) return wanted_target(name, radius);
  const auto column = [&](int number) { return table.columns[static_cast<std::size_t>(number)]; };
  auto target =
      position_of(cell(row, meaning.ra), column(meaning.ra), cell(row, meaning.dec), column(meaning.dec), radius);
  const auto word = target.canonical_name();
  return {name.empty() ? word : name, word, std::move(target)};
}

std::string heading_list(const Table& table) {
  std::string text;
  for (const auto& column : table.columns) text += (text.empty() ? "" : ", ") + column.name;
  return text;
}

}  // namespace

TargetList read_targets(std::string_view text, vo::Angle default_radius) {
  constexpr std::string_view kGzip{"\x1f\x8b"};
  constexpr std::size_t kLargestList = std::size_t{256} << 20;
  std::string unpacked;
  if (text.starts_with(kGzip)) {
    unpacked = vo::gunzipped(text, kLargestList);
    text = unpacked;
  }
  const auto beginning = text.substr(0, 4096);
  const auto mark = beginning.find('<');  // the header of an ECSV file may tell of VOTables, too
  const bool is_votable = mark <= beginning.find('#') && beginning.find("VOTABLE") != std::string_view::npos;
  const auto table = is_votable ? table_of(vo::read_votable(text)) : table_of(delimited_text(text));
  const auto meaning = meaning_of(table.columns);
  if (!has_positions(meaning) && meaning.name < 0) {
    throw Error{ErrorKind::Rejected, fmt::format("no columns ra and dec, nor name, among: {}", heading_list(table))};
  }
  TargetList list;
  for (const auto& row : table.rows) {
    if (!has_target(row.cells, meaning)) {
      list.without_target.push_back(row.place);
      continue;
    }
    try {
      list.targets.push_back(target_in(row.cells, meaning, table, default_radius));
    } catch (const Error& error) {
      throw Error{ErrorKind::Rejected, fmt::format("{}: {}", row.place, error.what())};
    }
  }
  if (list.targets.empty() && !list.without_target.empty()) {
    throw Error{ErrorKind::Rejected, fmt::format("no row has a {}", has_positions(meaning) ? "position" : "target")};
  }
  return list;
}

}  // namespace platefs::tools
