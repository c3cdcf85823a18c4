// SPDX-License-Identifier: BSD-3-Clause
#include "vo/services/obscore.h"

#include <fmt/format.h>

#include <cmath>
#include <map>
#include <utility>

#include "vo/base/ascii.h"
#include "vo/base/error.h"
#include "vo/base/words.h"
#include "vo/services/plate_rows.h"

namespace platefs::vo {
namespace {

/// The columns of ObsCore 1.1 section 4 that a Plate has, by name or by the end of their utype;
/// found once per table.
class ObscoreColumns {
  const Votable& table_;  // before the columns, which are found in it

 public:
  explicit ObscoreColumns(const Votable& table) : table_(table) {}

  const int obs_publisher_did = find("obs_publisher_did", "Curation.PublisherDID");
  const int obs_id = find("obs_id", "DataID.observationID");
  const int obs_collection = find("obs_collection", "DataID.Collection");
  const int obs_title = find("obs_title", "DataID.Title");
  const int target_name = find("target_name", "Target.Name");
  const int dataproduct_type = find("dataproduct_type", "dataProductType");
  const int access_url = find("access_url", "Access.Reference");
  const int access_format = find("access_format", "Access.Format");
  const int access_estsize = find("access_estsize", "Access.Size");
  const int facility_name = find("facility_name", "ObsConfig.Facility.name");
  const int instrument_name = find("instrument_name", "ObsConfig.Instrument.name");
  const int preview = find("preview", {});
  const int unsolved = find_text("unsolved");  // a number or a truth of that name is not ours
  const int s_region = find("s_region", "SpatialAxis.Coverage.Support.Area");
  const int s_ra = find("s_ra", "SpatialAxis.Coverage.Location.Coord.Position2D.Value2.C1");
  const int s_dec = find("s_dec", "SpatialAxis.Coverage.Location.Coord.Position2D.Value2.C2");
  const int s_fov = find("s_fov", "SpatialAxis.Coverage.Bounds.Extent.diameter");
  const int s_pixel_scale = find("s_pixel_scale", "SpatialAxis.Sampling.RefVal.SamplingPeriod");
  const int s_xel1 = find("s_xel1", "SpatialAxis.numBins1");
  const int s_xel2 = find("s_xel2", "SpatialAxis.numBins2");
  const int t_min = find("t_min", "TimeAxis.Coverage.Bounds.Limits.StartTime");
  const int t_max = find("t_max", "TimeAxis.Coverage.Bounds.Limits.StopTime");
  const int t_exptime = find("t_exptime", "TimeAxis.Coverage.Support.Extent");

 private:
  int find(std::string_view name, std::string_view utype) const { return table_.column(name, utype); }
  int find_text(std::string_view name) const {
    const int column = find(name, {});
    if (column < 0) return column;
    const auto& datatype = table_.fields[static_cast<std::size_t>(column)].datatype;
    return datatype == "char" || datatype == "unicodeChar" ? column : -1;
  }
};

/// Cells of one row; columns that the table lacks read as null.
class Row {
 public:
  Row(const VotableRows& rows, std::size_t number) : rows_(rows), number_(number) {}

  Text text(int column) const {
    if (!has(column)) return {};
    auto text = rows_.columns()[static_cast<std::size_t>(column)].text_at(number_);
    const auto shown = trimmed(text);
    return shown.size() == text.size() ? text : Text{shown};
  }
  std::optional<double> number(int column) const {
    const auto value = number_of(at(column));
    return value && std::isfinite(*value) ? value : std::nullopt;
  }
  /// Nobody observed outside the years that a date can name: 0001-01-01 to 9999-12-31.
  std::optional<double> epoch(int column) const {
    const auto mjd = number(column);
    return mjd && *mjd >= -678575.0 && *mjd < 2973484.0 ? mjd : std::nullopt;
  }
  /// -1 and 0 stand for "not known" in more than one archive.
  std::optional<std::int64_t> count(int column) const {
    const auto value = integer_of(at(column));
    return value && *value > 0 ? value : std::nullopt;
  }

 private:
  bool has(int column) const { return column >= 0 && static_cast<std::size_t>(column) < rows_.columns().size(); }
  CellView at(int column) const {
    return has(column) ? rows_.cell(number_, static_cast<std::size_t>(column)) : CellView{};
  }

  const VotableRows& rows_;
  std::size_t number_;
};

Plate plate_of(const Row& row, const ObscoreColumns& columns) {
  Plate plate;
  plate.obs_publisher_did = row.text(columns.obs_publisher_did);
  plate.obs_id = row.text(columns.obs_id);
  plate.obs_collection = row.text(columns.obs_collection);
  plate.obs_title = row.text(columns.obs_title);
  plate.target_name = row.text(columns.target_name);
  plate.dataproduct_type = row.text(columns.dataproduct_type);
  plate.access_url = row.text(columns.access_url);
  plate.access_format = row.text(columns.access_format);
  plate.facility_name = row.text(columns.facility_name);
  plate.instrument_name = row.text(columns.instrument_name);
  plate.preview = row.text(columns.preview);
  plate.unsolved = row.text(columns.unsolved);
  plate.s_region = row.text(columns.s_region);
  if (const auto size = row.count(columns.access_estsize)) {
    plate.access_estsize_kb = static_cast<std::uint64_t>(*size);
  }
  plate.s_ra = row.number(columns.s_ra);
  plate.s_dec = row.number(columns.s_dec);
  plate.s_fov = row.number(columns.s_fov);
  plate.s_pixel_scale = row.number(columns.s_pixel_scale);
  plate.s_xel1 = row.count(columns.s_xel1);
  plate.s_xel2 = row.count(columns.s_xel2);
  plate.t_min = row.epoch(columns.t_min);
  if (!plate.t_min) plate.t_min_refused = row.number(columns.t_min);
  plate.t_max = row.epoch(columns.t_max);
  plate.t_exptime = row.number(columns.t_exptime);
  if (plate.obs_publisher_did.empty()) plate.obs_publisher_did = plate.access_url;
  return plate;
}

bool is_links_service(const ServiceDescriptor& service) { return service.is("ivo://ivoa.net/std/DataLink#links"); }

/// The FIELD that an input of `service` takes its value from; -1 if none does.
int referenced_field(const ServiceDescriptor& service, const std::map<std::string_view, int>& fields) {
  for (const auto& input : service.inputs) {
    const auto field = input.ref.empty() ? fields.end() : fields.find(input.ref);
    if (field != fields.end()) return field->second;
  }
  return -1;
}

std::map<std::string_view, int> fields_by_id(const Votable& table) {
  std::map<std::string_view, int> fields;
  for (std::size_t i = 0; i < table.fields.size(); ++i) fields.emplace(table.fields[i].id, static_cast<int>(i));
  return fields;
}

void attach_links_service(PlateTable& result) {
  const auto fields = fields_by_id(result.table);
  for (const auto& service : result.table.services) {
    const int field = referenced_field(service, fields);
    if (!is_links_service(service) || field < 0) continue;
    result.links_service = service;
    result.links_id_column = field;
    return;
  }
}

}  // namespace

PlateTable plates_from(Votable table, const std::string& archive) {
  if (!table.has_table) throw Error(ErrorKind::Malformed, "the answer has no table");
  PlateTable result;
  result.archive = archive;
  result.truncated = table.truncated;
  result.table = std::move(table);
  attach_links_service(result);
  const ObscoreColumns columns(result.table);
  if (columns.obs_publisher_did < 0 && columns.access_url < 0) {
    throw Error(ErrorKind::Malformed,
                "the answer has neither obs_publisher_did nor access_url: it is no ObsCore table");
  }
  const Text name{archive};
  result.plates.reserve(result.table.rows.size());
  for (std::size_t i = 0; i < result.table.rows.size(); ++i) {
    auto plate = plate_of(Row(result.table.rows, i), columns);
    if (plate.obs_publisher_did.empty()) continue;  // nothing to name it by, nothing to fetch
    plate.archive = name;
    plate.row = i;
    result.plates.push_back(std::move(plate));
  }
  tell_rows_apart(result);
  return result;
}

std::uint64_t memory_of(const PlateTable& table) {
  constexpr std::uint64_t kDigests = 64;  // that the plates have beside the table's texts
  return sizeof(PlateTable) + table.table.fields.bytes() + table.table.rows.bytes() +
         table.plates.size() * (sizeof(Plate) + kDigests);
}

std::string normalized_media_type(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (!is_blank(c) && c != '"' && c != '\'') result += lower(c);
  }
  return result;
}

bool is_datalink_type(std::string_view media_type) {
  return normalized_media_type(media_type).find("content=datalink") != std::string::npos;
}

bool is_fits_type(std::string_view media_type) { return media_word(media_type) == MediaWord::Fits; }

bool Plate::is_datalink() const {
  // An image is no VOTable: what comes as one is its DataLink document, though the parameter was left out.
  if (is_datalink_type(access_format)) return true;
  return dataproduct_type != "timeseries" && normalized_media_type(access_format) == "application/x-votable+xml";
}
bool Plate::is_fits() const { return is_fits_type(access_format); }

}  // namespace platefs::vo
