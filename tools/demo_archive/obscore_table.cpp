// SPDX-License-Identifier: BSD-3-Clause
#include "tools/demo_archive/obscore_table.h"

#include <fmt/format.h>

#include <cmath>

#include "tools/demo_archive/footprint.h"
#include "tools/demo_archive/votable_out.h"
#include "vo/base/ascii.h"
#include "vo/base/error.h"
#include "vo/base/mjd.h"
#include "vo/base/url.h"

namespace platefs::demo {
namespace {

using vo::VotableField;
using vo::VotableValue;

VotableField text(const char* name, const char* ucd, const char* utype, const char* description) {
  auto field = text_field(name, ucd);
  field.utype = utype;
  field.description = description;
  return field;
}
VotableField number(const char* name, const char* datatype, const char* unit, const char* ucd, const char* utype,
                    const char* description) {
  auto field = number_field(name, datatype, unit, ucd);
  field.utype = utype;
  field.description = description;
  return field;
}

/// Names, UCDs and utypes of ObsCore 1.1, table 7; preview is an addition that GAVO makes.
std::vector<VotableField> obscore_fields() {
  return {
      text("dataproduct_type", "meta.id;class", "obscore:obsdataset.dataproducttype",
           "High level scientific classification of the data product"),
      number("calib_level", "short", "", "meta.code;obs.calib", "obscore:obsdataset.caliblevel",
             "Amount of data processing"),
      text("obs_collection", "meta.id", "obscore:dataid.collection", "Name of a data collection"),
      text("obs_id", "meta.id", "obscore:dataid.observationid", "Identifier for the observation"),
      text("obs_title", "meta.title;obs", "obscore:dataid.title", "Free-text title of the data set"),
      text("obs_publisher_did", "meta.ref.ivoid", "obscore:curation.publisherdid",
           "Dataset identifier assigned by the publisher"),
      text("access_url", "meta.ref.url", "obscore:access.reference", "The URL at which to obtain the data set"),
      text("access_format", "meta.code.mime", "obscore:access.format", "MIME type of the resource at access_url"),
      number("access_estsize", "long", "kbyte", "phys.size;meta.file", "obscore:access.size",
             "Estimated size of the data product"),
      text("target_name", "meta.id;src", "obscore:target.name", "Object a targeted observation targeted"),
      number("s_ra", "double", "deg", "pos.eq.ra",
             "obscore:char.spatialaxis.coverage.location.coord.position2d.value2.c1",
             "RA of the (center of the) observation, ICRS"),
      number("s_dec", "double", "deg", "pos.eq.dec",
             "obscore:char.spatialaxis.coverage.location.coord.position2d.value2.c2",
             "Dec of the (center of the) observation, ICRS"),
      number("s_fov", "double", "deg", "phys.angSize;instr.fov",
             "obscore:char.spatialaxis.coverage.bounds.extent.diameter",
             "Approximate spatial extent of the region covered"),
      text("s_region", "pos.outline;obs.field", "obscore:char.spatialaxis.coverage.support.area",
           "Region covered by the observation, as a polygon"),
      number("s_resolution", "double", "arcsec", "pos.angResolution",
             "obscore:char.spatialaxis.resolution.refval.value", "Minimal significant angular resolution"),
      number("t_min", "double", "d", "time.start;obs.exposure",
             "obscore:char.timeaxis.coverage.bounds.limits.starttime", "Lower bound of times represented, MJD"),
      number("t_max", "double", "d", "time.end;obs.exposure", "obscore:char.timeaxis.coverage.bounds.limits.stoptime",
             "Upper bound of times represented, MJD"),
      number("t_exptime", "float", "s", "time.duration;obs.exposure", "obscore:char.timeaxis.coverage.support.extent",
             "Total exposure time"),
      number("em_min", "double", "m", "em.wl;stat.min", "obscore:char.spectralaxis.coverage.bounds.limits.lolimit",
             "Minimal wavelength represented"),
      number("em_max", "double", "m", "em.wl;stat.max", "obscore:char.spectralaxis.coverage.bounds.limits.hilimit",
             "Maximal wavelength represented"),
      text("o_ucd", "meta.ucd", "obscore:char.observableaxis.ucd", "UCD for the product's observable"),
      text("facility_name", "meta.id;instr.tel", "obscore:provenance.obsconfig.facility.name",
           "Name of the facility at which data was taken"),
      text("instrument_name", "meta.id;instr", "obscore:provenance.obsconfig.instrument.name",
           "Name of the instrument that produced the data"),
      number("s_xel1", "long", "", "meta.number", "obscore:char.spatialaxis.numbins1",
             "Number of elements along the first spatial axis"),
      number("s_xel2", "long", "", "meta.number", "obscore:char.spatialaxis.numbins2",
             "Number of elements along the second spatial axis"),
      number("s_pixel_scale", "double", "arcsec", "phys.angSize;instr.pixel",
             "obscore:char.spatialaxis.resolution.refval.value", "Sampling period in world coordinate units"),
      text("preview", "meta.ref.url;meta.preview", "", "URL of a preview of the data"),
  };
}

std::string title_of(const Plate& plate, const Exposure& exposure) {
  return fmt::format("{} plate {}{}", folder_of(plate.collection), plate.id,
                     exposure.t_min ? " " + vo::iso_date(*exposure.t_min) : std::string());
}

VotableValue or_null(const std::optional<double>& value) { return value ? VotableValue(*value) : VotableValue(); }

/// All rows of a plate have its DID and its files; times, place and title are the exposure's.
ObscoreRow row_of(const Plate& plate, const Exposure& exposure, const PlateStore& store, const Addresses& addresses) {
  const bool is_link = has_datalink(plate.collection);
  const auto centre = exposure.solution.position_of({plate.width / 2.0, plate.height / 2.0});
  const auto main = reduced_name(plate).empty() ? FileRole::Full : FileRole::Reduced;
  ObscoreRow row;
  auto alone = plate;
  alone.t_min = exposure.t_min;
  alone.exposure_seconds = exposure.seconds;
  alone.solution = exposure.solution;
  row.outline = alone.outline();
  row.cells = {
      std::string("image"),
      std::int64_t{plate.is(Peculiarity::Unsolved) ? 1 : 2},
      std::string(name_of(plate.collection)),
      plate.id,
      title_of(plate, exposure),
      plate.publisher_did(),
      is_link ? datalink_url(plate, addresses) : file_url(plate, FileRole::Full, addresses),
      std::string(is_link ? kDatalinkType : "image/fits"),
      static_cast<std::int64_t>(store.size_of(plate, main) / 1024),
      VotableValue(),
      centre.ra.as_degrees(),
      centre.dec.as_degrees(),
      std::hypot(plate.width, plate.height) * plate.solution.scale_degrees,
      stc_s(row.outline),
      plate.solution.scale_degrees * 3600 * 2,
      or_null(alone.t_min),
      or_null(alone.t_max()),
      static_cast<float>(alone.exposure_seconds),
      3.5e-7,
      5.0e-7,
      std::string("phot.flux.density;em.opt.B"),
      std::string("Demo observatory"),
      fmt::format("Demo telescope of {}", folder_of(plate.collection)),
      std::int64_t{plate.width},
      std::int64_t{plate.height},
      plate.solution.scale_degrees * 3600,
      VotableValue(),
  };
  return row;
}

}  // namespace

int ObscoreTable::column(std::string_view name) const {
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (vo::same_ignoring_case(fields[i].name, name)) return static_cast<int>(i);
  }
  return -1;
}

ObscoreTable joined(const ObscoreTable& table, const std::string& name, const vo::Votable& upload) {
  constexpr std::size_t kMostRows = 1'000'000;
  if (upload.rows.size() * table.rows.size() > kMostRows) {
    throw vo::Error(vo::ErrorKind::Rejected, "the uploaded table is too large for a join");
  }
  ObscoreTable wide{upload.fields, {}, name, upload.fields.size(), table.name};
  wide.fields.insert(wide.fields.end(), table.fields.begin(), table.fields.end());
  for (const auto each : upload.rows) {
    const auto cells = each.values();
    for (const auto& row : table.rows) {
      wide.rows.push_back({cells, row.outline});
      auto& all = wide.rows.back().cells;
      all.insert(all.end(), row.cells.begin(), row.cells.end());
    }
  }
  return wide;
}

ObscoreTable obscore_table(const PlateStore& store, const Addresses& addresses) {
  ObscoreTable table{obscore_fields(), {}};
  for (const auto& plate : store.plates()) {
    for (const auto& exposure : plate.exposures()) table.rows.push_back(row_of(plate, exposure, store, addresses));
  }
  return table;
}

std::string file_url(const Plate& plate, FileRole role, const Addresses& addresses) {
  const auto& server = plate.collection == Collection::Applause ? addresses.files : addresses.archive;
  return fmt::format("{}/{}/{}/{}", server, role == FileRole::Preview ? "previews" : "files",
                     folder_of(plate.collection), name_of(plate, role));
}

std::string datalink_url(const Plate& plate, const Addresses& addresses) {
  return fmt::format("{}/{}/dlmeta?ID={}", addresses.archive, folder_of(plate.collection),
                     vo::percent_encoded(plate.publisher_did()));
}

}  // namespace platefs::demo
