// SPDX-License-Identifier: BSD-3-Clause
#include "tools/commands/plate_selection.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "tools/cli/nearest_word.h"
#include "vo/base/ascii.h"
#include "vo/base/error.h"
#include "vo/base/mjd.h"
#include "vo/votable/value.h"

namespace platefs::tools {
namespace {

using vo::Error;
using vo::ErrorKind;

/// "1890", "1890-05", "1890-05-17".
bool is_date(std::string_view text) {
  constexpr std::string_view form = "dddd-dd-dd";
  if (text.size() != 4 && text.size() != 7 && text.size() != 10) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (form[i] == 'd' ? !vo::is_digit(text[i]) : text[i] != '-') return false;
  }
  return true;
}

/// Words that the table for a terminal has for columns with longer names.
std::string meant_by(const std::string& name) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 8> kShort{{{"exposure", "t_exptime"},
                                                                                 {"scale", "pixel_scale"},
                                                                                 {"offset", "separation"},
                                                                                 {"cached", "state"},
                                                                                 {"collection", "obs_collection"},
                                                                                 {"telescope", "facility_name"},
                                                                                 {"title", "obs_title"},
                                                                                 {"date", "date_min"}}};
  for (const auto& [word, column] : kShort) {
    if (word == name) return std::string{column};
  }
  return name;
}

std::size_t place_of(const vo::VotableDocument& table, const std::string& name) {
  const auto place = [&](const std::string& wanted) {
    return std::ranges::find(table.fields, vo::lower_case(wanted),
                             [](const auto& field) { return vo::lower_case(field.name); });
  };
  auto found = place(name);
  if (found == table.fields.end()) found = place(meant_by(name));
  if (found != table.fields.end()) return static_cast<std::size_t>(found - table.fields.begin());
  std::vector<std::string> known;
  for (const auto& field : table.fields) known.emplace_back(field.name);
  const auto nearest = nearest_word(name, known);
  throw Error{ErrorKind::Rejected,
              nearest.empty() ? fmt::format("the plates have no column '{}'; `--json` tells which they have", name)
                              : fmt::format("the plates have no column '{}'; did you mean '{}'?", name, nearest)};
}

struct Key {
  std::optional<double> number;
  std::string text;

  bool is_missing() const { return !number && text.empty(); }
  bool operator<(const Key& other) const {
    if (number && other.number) return *number < *other.number;
    return number.has_value() != other.number.has_value() ? number.has_value() : text < other.text;
  }
};

bool is_number(const vo::VotableField& field) { return field.datatype != "char" && field.datatype != "unicodeChar"; }

}  // namespace

void check_date(const std::string& date, const std::string& option) {
  if (date.empty() || is_date(date)) return;
  throw Error{ErrorKind::Rejected, fmt::format("{} '{}' is no date such as 1890, 1890-05 or 1890-05-17", option, date)};
}

fs::TargetSnapshot within(const fs::TargetSnapshot& snapshot, const std::string& since, const std::string& until) {
  auto selected = snapshot;
  if (since.empty() && until.empty()) return selected;
  std::erase_if(selected.plates, [&](const auto& entry) {
    if (!entry->plate().t_min) return true;
    const auto date = vo::iso_date(*entry->plate().t_min);
    return date.substr(0, since.size()) < since || date.substr(0, until.size()) > until;
  });
  return selected;
}

fs::TargetSnapshot sorted(const fs::TargetSnapshot& snapshot, const fs::Target& target, const std::string& column,
                          const fs::StateOf& state_of) {
  const bool is_descending = column.starts_with('-');
  const auto table = fs::plates_table(snapshot, target, {}, state_of);
  const auto place = place_of(table, is_descending ? column.substr(1) : column);
  using Plate = std::pair<Key, std::shared_ptr<const fs::PlateEntry>>;
  std::vector<Plate> plates;
  for (std::size_t row = 0; row < snapshot.plates.size(); ++row) {
    const auto cell = table.rows.cell(row, place);
    auto key = is_number(table.fields[place]) ? Key{vo::number_of(cell), {}} : Key{{}, vo::text_of(cell)};
    plates.emplace_back(std::move(key), snapshot.plates[row]);
  }
  std::ranges::stable_sort(plates, [&](const Plate& a, const Plate& b) {
    if (a.first.is_missing() || b.first.is_missing()) return !a.first.is_missing() && b.first.is_missing();
    return is_descending ? b.first < a.first : a.first < b.first;
  });
  auto ordered = snapshot;
  for (std::size_t row = 0; row < plates.size(); ++row) ordered.plates[row] = std::move(plates[row].second);
  return ordered;
}

vo::VotableDocument with_columns(vo::VotableDocument table, const std::vector<std::string>& names) {
  std::vector<vo::VotableField> fields;
  std::vector<vo::CellColumn> columns;
  const auto rows = table.rows.size();
  for (const auto& name : names) {
    const auto place = place_of(table, name);
    fields.push_back(table.fields[place]);
    auto& column = columns.emplace_back();
    for (std::size_t row = 0; row < rows; ++row) column.append(table.rows.cell(row, place));
  }
  table.fields = std::move(fields);
  table.rows = {std::move(columns), rows, 0};
  return table;
}

}  // namespace platefs::tools
