// SPDX-License-Identifier: BSD-3-Clause
#include "fs/plates_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <vector>

#include "vo/time.h"

namespace platefs::fs {
namespace {

using vo::VotableField;
using vo::VotableValue;

VotableValue text_or_null(const std::string& text) {
  return text.empty() ? VotableValue{} : VotableValue{text};
}

VotableValue date_value(const std::optional<double>& mjd) {
  return mjd ? VotableValue{vo::iso_datetime(*mjd)} : VotableValue{};
}

VotableValue separation_value(const vo::Plate& plate, const vo::IcrsPosition& from) {
  if (!plate.s_ra || !plate.s_dec) return {};
  try {
    const auto centre = vo::IcrsPosition::at(vo::Angle::degrees(*plate.s_ra), vo::Angle::degrees(*plate.s_dec));
    return vo::separation(centre, from).as_degrees();
  } catch (const vo::Error&) {
    return {};   // a position that is none is not our user's problem
  }
}

/// A column of ours: its metadata, and its value for a plate.
struct OwnColumn {
  VotableField field;
  std::function<VotableValue(const PlateEntry&)> value;
};

VotableField field(const char* name, const char* datatype, const char* unit, const char* ucd,
                   const char* description) {
  VotableField made;
  made.name = name;
  made.datatype = datatype;
  if (made.datatype == "char") made.arraysize = "*";
  made.unit = unit;
  made.ucd = ucd;
  made.description = description;
  return made;
}

std::vector<OwnColumn> own_columns(const vo::IcrsPosition& position) {
  auto date_min = field("date_min", "char", "", "time.start;obs.exposure", "Begin of the exposure, ISO 8601, UTC");
  auto date_max = field("date_max", "char", "", "time.end;obs.exposure", "End of the exposure, ISO 8601, UTC");
  date_min.xtype = date_max.xtype = "timestamp";
  return {
      {field("plate", "char", "", "meta.id", "Name of the plate in this directory"),
       [](const PlateEntry& entry) { return VotableValue{entry.name}; }},
      {date_min, [](const PlateEntry& entry) { return date_value(entry.plate().t_min); }},
      {date_max, [](const PlateEntry& entry) { return date_value(entry.plate().t_max); }},
      {field("jyear", "double", "yr", "time.epoch;obs.exposure", "Begin of the exposure as Julian year"),
       [](const PlateEntry& entry) {
         const auto& t_min = entry.plate().t_min;
         return t_min ? VotableValue{vo::julian_year(*t_min)} : VotableValue{};
       }},
      {field("separation", "double", "deg", "pos.angDistance", "Distance of the plate's centre from the target"),
       [position](const PlateEntry& entry) { return separation_value(entry.plate(), position); }},
      {field("archive", "char", "", "meta.curation", "Archive that answered with this row"),
       [](const PlateEntry& entry) { return text_or_null(entry.plate().archive); }},
  };
}

std::vector<OwnColumn> path_columns(const std::string& directory) {
  return {
      {field("cutout_path", "char", "", "meta.ref;meta.file", "The target's surroundings, FITS"),
       [directory](const PlateEntry& e) { return fmt::format("{}/cutouts/{}.fits", directory, e.name); }},
      {field("full_path", "char", "", "meta.ref;meta.file", "The whole plate, FITS"),
       [directory](const PlateEntry& e) { return fmt::format("{}/{}/full.fits", directory, e.name); }},
      {field("preview_path", "char", "", "meta.ref.url;meta.preview", "Preview image"),
       [directory](const PlateEntry& e) { return fmt::format("{}/previews/{}.jpg", directory, e.name); }},
  };
}

/// The archives' columns by name, in the order in which they first come.
std::vector<VotableField> archive_fields(const TargetSnapshot& snapshot, const std::vector<OwnColumn>& own) {
  std::vector<VotableField> fields;
  const auto is_named = [](std::string_view name) {
    return [name](const VotableField& field) { return field.name == name; };
  };
  for (const auto& archive : snapshot.answer->archives) {
    if (!archive.table) continue;
    for (const auto& column : archive.table->table.fields) {
      const bool is_ours = std::ranges::any_of(own, is_named(column.name), &OwnColumn::field);
      if (is_ours || std::ranges::any_of(fields, is_named(column.name))) continue;
      fields.push_back(column);
    }
  }
  return fields;
}

VotableValue cell(const PlateEntry& entry, const std::string& column) {
  const auto& table = entry.ref.table->table;
  const int index = table.column(column);
  const auto& row = table.rows[entry.plate().row];
  return index < 0 || static_cast<std::size_t>(index) >= row.size() ? VotableValue{}
                                                                    : row[static_cast<std::size_t>(index)];
}

/// The same column of two archives may be of two types: then it is text, which holds both.
void settle_types(std::vector<VotableField>& fields, const TargetSnapshot& snapshot) {
  for (auto& field : fields) {
    for (const auto& archive : snapshot.answer->archives) {
      if (!archive.table) continue;
      const int index = archive.table->table.column(field.name);
      if (index < 0) continue;
      const auto& other = archive.table->table.fields[static_cast<std::size_t>(index)];
      const bool is_text = field.datatype == "char" || field.datatype == "unicodeChar";
      if (other.datatype == field.datatype || is_text) continue;
      field.datatype = "char";
      field.arraysize = "*";
      field.xtype.clear();
      field.null.reset();
    }
  }
}

VotableValue as_column_type(VotableValue value, const VotableField& field) {
  const bool is_text = field.datatype == "char" || field.datatype == "unicodeChar";
  const bool is_null = std::holds_alternative<std::monostate>(value);
  return is_text && !is_null ? VotableValue{vo::text_of(value)} : std::move(value);
}

bool is_truncated(const TargetSnapshot& snapshot) {
  return std::ranges::any_of(snapshot.answer->archives, [](const cache::ArchiveAnswer& archive) {
    return archive.table && archive.table->truncated;
  });
}

std::string csv_cell(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) {
    quoted += c;
    if (c == '"') quoted += c;
  }
  return quoted + '"';
}

}  // namespace

vo::VotableDocument plates_table(const TargetSnapshot& snapshot, const std::string& directory) {
  auto own = own_columns(snapshot.answer->position);
  if (!directory.empty()) {
    for (auto& column : path_columns(directory)) own.push_back(std::move(column));
  }
  auto theirs = archive_fields(snapshot, own);
  settle_types(theirs, snapshot);

  vo::VotableDocument document;
  document.table_name = "plates";
  document.description = fmt::format("Plates that cover {:.6f} {:+.6f} (ICRS, degrees)",
                                     snapshot.answer->position.ra.as_degrees(),
                                     snapshot.answer->position.dec.as_degrees());
  document.infos.push_back({"QUERY_STATUS", is_truncated(snapshot) ? "OVERFLOW" : "OK", ""});
  for (const auto& column : own) document.fields.push_back(column.field);
  document.fields.insert(document.fields.end(), theirs.begin(), theirs.end());
  for (const auto& entry : snapshot.plates) {
    std::vector<VotableValue> row;
    for (const auto& column : own) row.push_back(column.value(*entry));
    for (const auto& column : theirs) row.push_back(as_column_type(cell(*entry, column.name), column));
    document.rows.push_back(std::move(row));
  }
  return document;
}

std::string csv_text(const vo::VotableDocument& table) {
  std::vector<std::string> cells;
  const auto line = [&cells] { return fmt::format("{}\n", fmt::join(cells, ",")); };
  for (const auto& field : table.fields) cells.push_back(csv_cell(field.name));
  auto text = line();
  for (const auto& row : table.rows) {
    cells.clear();
    for (const auto& value : row) cells.push_back(csv_cell(vo::text_of(value)));
    text += line();
  }
  return text;
}

}  // namespace platefs::fs
