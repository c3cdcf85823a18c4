// SPDX-License-Identifier: BSD-3-Clause
#include "vo/obscore.h"

#include <fmt/format.h>

#include <cmath>

#include "vo/ascii.h"
#include "vo/error.h"

namespace platefs::vo {
namespace {

/// Cells of one row by column name; columns that the table lacks read as null.
class Row {
 public:
  Row(const Votable& table, std::size_t number) : table_(table), cells_(table.rows[number]) {}

  const VotableValue& at(std::string_view name, std::string_view utype = {}) const {
    static const VotableValue kNull;
    const int column = table_.column(name, utype);
    return column < 0 || static_cast<std::size_t>(column) >= cells_.size()
               ? kNull
               : cells_[static_cast<std::size_t>(column)];
  }
  std::string text(std::string_view name, std::string_view utype = {}) const {
    return std::string(trimmed(text_of(at(name, utype))));
  }
  std::optional<double> number(std::string_view name, std::string_view utype = {}) const {
    const auto value = number_of(at(name, utype));
    return value && std::isfinite(*value) ? value : std::nullopt;
  }
  /// -1 and 0 stand for "not known" in more than one archive.
  std::optional<std::int64_t> count(std::string_view name) const {
    const auto value = integer_of(at(name));
    return value && *value > 0 ? value : std::nullopt;
  }

 private:
  const Votable& table_;
  const std::vector<VotableValue>& cells_;
};

Plate plate_of(const Row& row) {
  Plate plate;
  plate.obs_publisher_did = row.text("obs_publisher_did", "Curation.PublisherDID");
  plate.obs_id = row.text("obs_id", "DataID.observationID");
  plate.obs_collection = row.text("obs_collection", "DataID.Collection");
  plate.obs_title = row.text("obs_title", "DataID.Title");
  plate.target_name = row.text("target_name", "Target.Name");
  plate.dataproduct_type = row.text("dataproduct_type", "ObsDataset.dataProductType");
  plate.access_url = row.text("access_url", "Access.reference");
  plate.access_format = row.text("access_format", "Access.format");
  plate.facility_name = row.text("facility_name");
  plate.instrument_name = row.text("instrument_name");
  plate.preview = row.text("preview");
  plate.s_region = row.text("s_region");
  if (const auto size = row.count("access_estsize")) {
    plate.access_estsize_kb = static_cast<std::uint64_t>(*size);
  }
  plate.s_ra = row.number("s_ra");
  plate.s_dec = row.number("s_dec");
  plate.s_fov = row.number("s_fov");
  plate.s_pixel_scale = row.number("s_pixel_scale");
  plate.s_xel1 = row.count("s_xel1");
  plate.s_xel2 = row.count("s_xel2");
  plate.t_min = row.number("t_min");
  plate.t_max = row.number("t_max");
  plate.t_exptime = row.number("t_exptime");
  if (plate.obs_publisher_did.empty()) plate.obs_publisher_did = plate.access_url;
  return plate;
}

bool is_links_service(const ServiceDescriptor& service) { return service.is("ivo://ivoa.net/std/DataLink#links"); }

/// The FIELD that an input of `service` takes its value from; -1 if none does.
int referenced_field(const ServiceDescriptor& service, const Votable& table) {
  for (const auto& input : service.inputs) {
    if (input.ref.empty()) continue;
    for (std::size_t i = 0; i < table.fields.size(); ++i) {
      if (table.fields[i].id == input.ref) return static_cast<int>(i);
    }
  }
  return -1;
}

void attach_links_service(PlateTable& result) {
  for (const auto& service : result.table.services) {
    const int field = referenced_field(service, result.table);
    if (!is_links_service(service) || field < 0) continue;
    result.links_service = service;
    result.links_id_column = result.table.fields[static_cast<std::size_t>(field)].name;
    return;
  }
}

}  // namespace

PlateTable plates_from(Votable table, const std::string& archive) {
  if (table.has_table && table.column("obs_publisher_did") < 0 && table.column("access_url") < 0) {
    throw Error(ErrorKind::Malformed,
                "the answer has neither obs_publisher_did nor access_url: it is no ObsCore table");
  }
  PlateTable result;
  result.archive = archive;
  result.truncated = table.truncated;
  result.table = std::move(table);
  attach_links_service(result);
  for (std::size_t i = 0; i < result.table.rows.size(); ++i) {
    auto plate = plate_of(Row(result.table, i));
    if (plate.obs_publisher_did.empty()) continue;   // nothing to name it by, nothing to fetch
    plate.archive = archive;
    plate.row = i;
    result.plates.push_back(std::move(plate));
  }
  return result;
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

bool is_fits_type(std::string_view media_type) {
  auto type = normalized_media_type(media_type);
  type = type.substr(0, type.find(';'));
  return type == "image/fits" || type == "application/fits" || type == "image/x-fits" ||
         type == "application/x-fits" || type == "image/x-fits-gzip" || type == "application/x-fits-gzip" ||
         type == "image/fits+gzip" || type == "image/x-fits-fpack" || type == "image/x-fits-hcompress";
}

bool Plate::is_datalink() const { return is_datalink_type(access_format); }
bool Plate::is_fits() const { return is_fits_type(access_format); }

}  // namespace platefs::vo
