// SPDX-License-Identifier: BSD-3-Clause
#include "fs/pages/plates_table.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <optional>
#include <span>
#include <utility>

#include "fs/pages/merged_columns.h"
#include "fs/pages/plate_facts.h"
#include "fs/tree/fixed_names.h"
#include "vo/base/ascii.h"
#include "vo/base/mjd.h"
#include "vo/services/sky_region.h"
#include "vo/votable/value.h"

namespace platefs::fs {
namespace {

using vo::VotableField;
using vo::VotableInfo;

/// A column of platefs's own.
struct AddedColumn {
  std::string_view name, datatype, unit, ucd, xtype, description;
};

constexpr std::array<AddedColumn, 10> kLeading{{
    {"plate", "char", "", "meta.id", "", "Name of the plate's directory in the target's directory"},
    {"date_min", "char", "", "time.start;obs.exposure", "timestamp",
     "Start of the exposure (t_min) in UTC; a date alone where no more is known"},
    {"date_max", "char", "", "time.end;obs.exposure", "timestamp",
     "End of the exposure (t_max) in UTC; a date alone where no more is known"},
    {"jyear", "double", "yr", "time.epoch", "", "Start of the exposure (t_min) as Julian year"},
    {"separation", "double", "deg", "pos.angDistance", "",
     "Distance of the image's centre (s_ra, s_dec) from the target"},
    {"edge_distance", "double", "pixel", "pos.angDistance;instr.fov", "",
     "Distance of the target from the nearest edge of the image (s_region), in its pixels (s_pixel_scale)"},
    {"pixel_scale", "double", "arcsec", "instr.pixel", "", "Side of a pixel on the sky (s_pixel_scale)"},
    {"polarity", "char", "", "meta.code;instr.det", "", "Whether stars are dark or bright, as the archive tells it"},
    {"lim_mag", "double", "mag", "phot.mag;stat.max", "", "Magnitude of the faintest stars, as the archive tells it"},
    {"archive", "char", "", "meta.curation", "", "Archive that lists the plate, as platefs calls it"},
}};

constexpr AddedColumn kState{"state",
                             "char",
                             "",
                             "meta.code.status",
                             "",
                             "Of the cutout, when the table was made: remote, fetching, partial, cached, failed; empty "
                             "where there are more than 10,000 plates"};

constexpr AddedColumn kFile{
    "file", "char", "", "meta.id;meta.file", "", "Name of the light curve's file in timeseries/"};
constexpr AddedColumn kPath{"path", "char", "", "meta.ref;meta.file", "", "The light curve as the archive serves it"};

constexpr std::array<AddedColumn, 3> kPaths{{
    {"cutout_path", "char", "", "meta.ref;meta.file", "", "The target's surroundings as a FITS file"},
    {"full_path", "char", "", "meta.ref;meta.file", "", "The whole plate as a FITS file"},
    {"preview_path", "char", "", "meta.ref;meta.file", "", "The plate's preview image"},
}};

VotableField field_of(const AddedColumn& column) {
  VotableField field;
  field.name = column.name;
  field.datatype = column.datatype;
  if (column.datatype == "char") field.arraysize = "*";
  field.unit = column.unit;
  field.ucd = column.ucd;
  field.xtype = column.xtype;
  field.description = column.description;
  return field;
}

// The path columns are reserved even where they are left out: one name means one thing everywhere.
std::vector<std::string_view> reserved_names(Holding holding) {
  std::vector<std::string_view> names;
  if (holding == Holding::TimeSeries) names = {kFile.name, kPath.name};
  for (const auto& column : kLeading) names.push_back(column.name);
  names.push_back(kState.name);
  for (const auto& column : kPaths) names.push_back(column.name);
  return names;
}

vo::Text date_of(const std::optional<double>& mjd) { return mjd ? vo::Text{vo::iso_datetime(*mjd)} : vo::Text{}; }

vo::CellView real_of(const std::optional<double>& number) { return number ? vo::CellView{*number} : vo::CellView{}; }

std::optional<double> separation_of(const vo::Plate& plate, const vo::IcrsPosition& target) {
  const auto separation = separation_from(plate, target);
  return separation ? std::optional{separation->as_degrees()} : std::nullopt;
}

using Plates = std::vector<std::shared_ptr<const PlateEntry>>;

/// Where a table has a column that says something under one of its usual names.
class ServedColumn {
 public:
  explicit ServedColumn(std::span<const std::string_view> names) : names_(names) {}

  vo::CellView of(const cache::PlateRef& ref) {
    const auto& table = ref.table->table;
    const auto [place, is_new] = places_.try_emplace(ref.table.get(), table.fields.size());
    if (is_new) place->second = place_in(table);
    const auto row = ref.plate().row;
    if (place->second >= table.fields.size() || row >= table.rows.size()) return {};
    return table.rows.cell(row, place->second);
  }

 private:
  std::size_t place_in(const vo::Votable& table) const {
    for (const auto name : names_) {
      const auto found =
          std::ranges::find(table.fields, name, [](const auto& each) { return vo::lower_case(each.name); });
      if (found != table.fields.end()) return static_cast<std::size_t>(found - table.fields.begin());
    }
    return table.fields.size();
  }

  std::span<const std::string_view> names_;
  std::map<const vo::PlateTable*, std::size_t> places_;
};

constexpr std::array<std::string_view, 3> kPolarity{"polarity", "scan_polarity", "image_polarity"};
constexpr std::array<std::string_view, 6> kLimit{"lim_mag",   "limmag", "mag_limit", "limiting_magnitude",
                                                 "limit_mag", "maglim"};

std::optional<double> edge_distance_of(const vo::Plate& plate, const vo::IcrsPosition& target) {
  if (plate.s_region.empty() || plate.s_pixel_scale.value_or(0) <= 0) return std::nullopt;
  const auto region = vo::SkyRegion::parse(plate.s_region);
  const auto distance = region ? region->distance_to_edge(target) : std::nullopt;
  return distance ? std::optional{distance->as_arcseconds() / *plate.s_pixel_scale} : std::nullopt;
}

vo::Text text_of_cell(const vo::CellView& cell) {
  const auto text = vo::text_of(cell);
  return text.empty() ? vo::Text{} : vo::Text{text};
}

std::string name_in(Holding holding, const PlateEntry& entry) {
  return holding == Holding::Plates ? entry.name : time_series_name(entry.name, entry.plate());
}

std::vector<vo::CellColumn> leading_columns(const Plates& plates, const Target& target, Holding holding) {
  std::vector<vo::CellColumn> columns(kLeading.size());
  std::map<const vo::PlateTable*, vo::Text> archives;
  ServedColumn polarity{kPolarity}, limit{kLimit};
  for (const auto& entry : plates) {
    const auto& plate = entry->plate();
    columns[0].append(vo::Text{name_in(holding, *entry)});
    columns[1].append(date_of(plate.t_min));
    columns[2].append(date_of(plate.t_max));
    columns[3].append(real_of(plate.t_min ? std::optional{vo::julian_year(*plate.t_min)} : std::nullopt));
    columns[4].append(real_of(separation_of(plate, target.position)));
    columns[5].append(real_of(edge_distance_of(plate, target.position)));
    columns[6].append(real_of(plate.s_pixel_scale));
    columns[7].append(text_of_cell(polarity.of(entry->ref)));
    columns[8].append(real_of(vo::number_of(limit.of(entry->ref))));
    columns[9].append(archives.try_emplace(entry->ref.table.get(), entry->ref.table->archive).first->second);
  }
  return columns;
}

void add_path(std::vector<vo::CellColumn>& columns, const Plates& series, const std::string& directory) {
  auto& paths = columns.emplace_back();
  for (const auto& entry : series) {
    paths.append(vo::Text{fmt::format("{}/{}", directory, time_series_name(entry->name, entry->plate()))});
  }
}

void add_paths(std::vector<vo::CellColumn>& columns, const Plates& plates, const std::string& directory) {
  std::vector<vo::CellColumn> paths(kPaths.size());
  for (const auto& entry : plates) {
    paths[0].append(vo::Text{fmt::format("{}/cutouts/{}.fits", directory, entry->name)});
    paths[1].append(vo::Text{fmt::format("{}/{}/full.fits", directory, entry->name)});
    paths[2].append(vo::Text{fmt::format("{}/previews/{}.jpg", directory, entry->name)});
  }
  std::ranges::move(paths, std::back_inserter(columns));
}

void add_fields(std::vector<VotableField>& fields, const AddedColumn* begin, const AddedColumn* end) {
  std::transform(begin, end, std::back_inserter(fields), field_of);
}

VotableInfo info_of(const cache::ArchiveAnswer& part) {
  if (!part.table) {
    return {"archive", part.archive, part.failure ? "failed: " + part.failure->message() : "failed"};
  }
  auto text = fmt::format("{} rows", part.table->plates.size());
  if (part.table->copies > 0) text += fmt::format(", {} more are exact copies", part.table->copies);
  if (part.table->forms > 0) text += fmt::format(", {} of them further forms of others' files", part.table->forms);
  if (part.table->truncated) text += ", cut short by the service";
  if (part.failure) text += "; an older answer, because it failed: " + part.failure->message();
  return {"archive", part.archive, text};
}

std::vector<VotableInfo> infos_of(const cache::PlatesAnswer& answer) {
  std::vector<VotableInfo> infos;
  const bool is_truncated = std::any_of(answer.archives.begin(), answer.archives.end(),
                                        [](const auto& part) { return part.table && part.table->truncated; });
  infos.push_back({"QUERY_STATUS", is_truncated ? "OVERFLOW" : "OK", ""});
  for (const auto& part : answer.archives) infos.push_back(info_of(part));
  return infos;
}

}  // namespace

vo::VotableDocument plates_table(const TargetSnapshot& snapshot, const Target& target, const std::string& directory,
                                 const StateOf& state_of) {
  const bool is_of_plates = snapshot.holding == Holding::Plates;
  const MergedColumns merged{*snapshot.answer, reserved_names(snapshot.holding)};
  const bool has_paths = !directory.empty();
  vo::VotableDocument table;
  table.table_name = is_of_plates ? "plates" : "timeseries";
  table.description = is_of_plates ? fmt::format("Photographic plates that cover {} (ICRS)", target.title())
                                   : fmt::format("Light curves at {} (ICRS)", target.title());
  table.infos = infos_of(*snapshot.answer);
  add_fields(table.fields, kLeading.begin(), kLeading.end());
  if (!is_of_plates) table.fields.front() = field_of(kFile);
  if (state_of) table.fields.push_back(field_of(kState));
  table.fields.insert(table.fields.end(), merged.fields().begin(), merged.fields().end());
  auto columns = leading_columns(snapshot.plates, target, snapshot.holding);
  if (state_of) {
    auto& states = columns.emplace_back();
    for (const auto& entry : snapshot.plates) states.append(vo::Text{state_of(*entry)});
  }
  std::ranges::move(merged.columns_of(snapshot.plates), std::back_inserter(columns));
  if (has_paths && is_of_plates) {
    add_fields(table.fields, kPaths.begin(), kPaths.end());
    add_paths(columns, snapshot.plates, directory);
  } else if (has_paths) {
    table.fields.push_back(field_of(kPath));
    add_path(columns, snapshot.plates, directory);
  }
  table.rows = {std::move(columns), snapshot.plates.size(), 0};
  return table;
}

}  // namespace platefs::fs
