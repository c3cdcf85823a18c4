// SPDX-License-Identifier: BSD-3-Clause
#include <fmt/core.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "fs/pages/plate_facts.h"
#include "fs/tree/selection.h"
#include "tools/cli/reporting.h"
#include "tools/cli/text_table.h"
#include "tools/commands/query_output.h"
#include "vo/votable/value.h"

namespace platefs::tools {
namespace {

std::string offset_text(const vo::Plate& plate, const vo::IcrsPosition& target) {
  const auto separation = fs::separation_from(plate, target);
  return separation ? fmt::format("{:.3f}", separation->as_degrees()) : std::string{};
}

std::vector<std::string> row_of(const fs::PlateEntry& entry, const fs::Target& target, const fs::StateOf& state_of) {
  const auto& plate = entry.plate();
  return {entry.name,
          plate.t_exptime ? fs::duration_text(*plate.t_exptime) : "",
          plate.s_pixel_scale ? fmt::format("{:.2f}", *plate.s_pixel_scale) : "",
          offset_text(plate, target.position),
          std::string{state_of ? state_of(entry) : ""},
          plate.obs_collection.str(),
          (plate.facility_name.empty() ? plate.instrument_name : plate.facility_name).str(),
          entry.ref.table->archive,
          plate.obs_title.str()};
}

/// What all rows say under a heading; nothing where they differ.
const std::string* constant(const TextTable& table, std::size_t column) {
  const auto& first = table.rows.front()[column];
  const bool is_same = std::ranges::all_of(table.rows, [&](const auto& row) { return row[column] == first; });
  return is_same ? &first : nullptr;
}

void remove_column(TextTable& table, std::size_t column) {
  const auto at = static_cast<std::ptrdiff_t>(column);
  table.columns.erase(table.columns.begin() + at);
  for (auto& row : table.rows) row.erase(row.begin() + at);
}

/// Takes out what says nothing; what all have in common is returned: "archive gavo, telescope Lick".
std::string without_constants(TextTable& table) {
  std::string common;
  for (std::size_t column = table.columns.size(); column-- > 1;) {  // never the name
    const auto* value = constant(table, column);
    if (value == nullptr || (table.rows.size() == 1 && !value->empty())) continue;
    if (!value->empty()) common = fmt::format(", {} {}{}", table.columns[column].heading, *value, common);
    remove_column(table, column);
  }
  return common;
}

/// In lines of `width` characters, if it is not 0, broken at blanks.
std::string wrapped(const std::string& text, std::size_t width) {
  std::string lines;
  std::size_t used = 0;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = std::min(text.find(' ', at), text.size());
    const auto word = text.substr(at, end - at);
    const bool is_first = used == 0;
    const bool fits = is_first || width == 0 || used + 1 + word.size() <= width;
    lines += is_first ? word : (fits ? " " : "\n") + word;
    used = fits && !is_first ? used + 1 + word.size() : word.size();
    at = end + 1;
  }
  return lines;
}

std::string summary_of(const fs::TargetSnapshot& snapshot, const std::string& common, std::size_t width) {
  const auto& plates = snapshot.plates;
  std::optional<int> first, last;
  for (const auto& entry : plates) {
    const auto year = fs::year_of(entry->plate());
    if (!year) continue;
    first = std::min(first.value_or(*year), *year);
    last = std::max(last.value_or(*year), *year);
  }
  auto text = fmt::format("{} plate{}", plates.size(), plates.size() == 1 ? "" : "s");
  if (first) text += first == last ? fmt::format(" of {}", *first) : fmt::format(" from {} to {}", *first, *last);
  return wrapped(harmless(text + common), width) + "\n";
}

/// The columns that were asked for, as they are in the other formats.
TextTable asked_for(const vo::VotableDocument& plates) {
  TextTable table;
  for (const auto& field : plates.fields) {
    const bool is_number = field.datatype != "char" && field.datatype != "unicodeChar";
    const auto unit = field.unit.empty() ? std::string{} : fmt::format("[{}]", field.unit);
    table.columns.push_back({field.name + unit, is_number, field.name == "plate" ? 0U : 8U});
  }
  for (std::size_t row = 0; row < plates.rows.size(); ++row) {
    auto& cells = table.rows.emplace_back();
    for (std::size_t i = 0; i < plates.fields.size(); ++i) cells.push_back(vo::text_of(plates.rows.cell(row, i)));
  }
  return table;
}

}  // namespace

std::string plates_listing(const QueryForm& form, const fs::TargetSnapshot& snapshot, const fs::Target& target) {
  if (snapshot.plates.empty()) return {};
  if (!form.columns.empty()) {
    return asked_for(table_for(form, snapshot, target)).text(form.width) + summary_of(snapshot, {}, form.width);
  }
  TextTable table;
  // Names of plates are for copying: they are never cut. They begin with the date.
  table.columns = {{"plate"},
                   {"exposure", true},
                   {"scale[\"]", true},
                   {"offset[deg]", true},
                   {"cached"},
                   {"collection", false, 10, true},
                   {"telescope", false, 10, true},
                   {"archive", false, 6, true},
                   {"title", false, 12, true}};
  for (const auto& entry : snapshot.plates) table.rows.push_back(row_of(*entry, target, form.state_of));
  const auto common = without_constants(table);
  return table.text(form.width) + summary_of(snapshot, common, form.width);
}

}  // namespace platefs::tools
