// SPDX-License-Identifier: BSD-3-Clause
#include "tools/commands/plate_record.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <initializer_list>
#include <optional>
#include <span>
#include <utility>

#include "vo/base/ascii.h"
#include "vo/base/error.h"
#include "vo/base/mjd.h"
#include "vo/base/words.h"
#include "vo/fits/hdu/dates.h"
#include "vo/fits/hdu/gzip_source.h"
#include "vo/fits/image.h"
#include "vo/fits/wcs/sky_map.h"
#include "vo/services/great_circle.h"
#include "vo/services/sky_region.h"

namespace platefs::tools {
namespace {

using vo::Error;
using vo::ErrorKind;
using vo::FitsHeader;

/// "17/05/90" is of 1890: most plates were exposed between.
constexpr double kMiddleOfPhotography = 27'800;  // 1935
constexpr double kSecondsOfDay = 86400;
constexpr int kSidesOfEdge = 8;  // of a side that is curved

struct FieldFacts {
  const char *name, *datatype, *unit, *ucd, *utype;
};

constexpr std::array<FieldFacts, 24> kFieldFacts{{
    {"obs_publisher_did", "char", "", "meta.ref.ivoid", "obscore:Curation.PublisherDID"},
    {"access_url", "char", "", "meta.ref.url", "obscore:Access.Reference"},
    {"access_format", "char", "", "meta.code.mime", "obscore:Access.Format"},
    {"access_estsize", "long", "kbyte", "phys.size;meta.file", "obscore:Access.Size"},
    {"dataproduct_type", "char", "", "meta.code.class", "obscore:ObsDataset.dataProductType"},
    {"calib_level", "int", "", "meta.code;obs.calib", "obscore:ObsDataset.calibLevel"},
    {"obs_collection", "char", "", "meta.id", "obscore:DataID.Collection"},
    {"obs_id", "char", "", "meta.id", "obscore:DataID.observationID"},
    {"obs_title", "char", "", "meta.title;obs", "obscore:DataID.Title"},
    {"target_name", "char", "", "meta.id;src", "obscore:Target.Name"},
    {"s_ra", "double", "deg", "pos.eq.ra", "obscore:Char.SpatialAxis.Coverage.Location.Coord.Position2D.Value2.C1"},
    {"s_dec", "double", "deg", "pos.eq.dec", "obscore:Char.SpatialAxis.Coverage.Location.Coord.Position2D.Value2.C2"},
    {"s_fov", "double", "deg", "phys.angSize;instr.fov", "obscore:Char.SpatialAxis.Coverage.Bounds.Extent.diameter"},
    {"s_region", "char", "", "pos.outline;obs.field", "obscore:Char.SpatialAxis.Coverage.Support.Area"},
    {"s_pixel_scale", "double", "arcsec", "phys.angSize;instr.pixel",
     "obscore:Char.SpatialAxis.Sampling.RefVal.SamplingPeriod"},
    {"s_xel1", "long", "", "meta.number", "obscore:Char.SpatialAxis.numBins1"},
    {"s_xel2", "long", "", "meta.number", "obscore:Char.SpatialAxis.numBins2"},
    {"t_min", "double", "d", "time.start;obs.exposure", "obscore:Char.TimeAxis.Coverage.Bounds.Limits.StartTime"},
    {"t_max", "double", "d", "time.end;obs.exposure", "obscore:Char.TimeAxis.Coverage.Bounds.Limits.StopTime"},
    {"t_exptime", "double", "s", "time.duration;obs.exposure", "obscore:Char.TimeAxis.Coverage.Support.Extent"},
    {"facility_name", "char", "", "meta.id;instr.tel", "obscore:Provenance.ObsConfig.Facility.name"},
    {"instrument_name", "char", "", "meta.id;instr", "obscore:Provenance.ObsConfig.Instrument.name"},
    {"file_version", "char", "", "", ""},
    {"problem", "char", "", "", ""},
}};

std::string first_text(const FitsHeader& header, std::initializer_list<std::string_view> keywords) {
  for (const auto keyword : keywords) {
    const auto text = header.text(keyword).value_or("");
    if (!vo::says_nothing(text)) return std::string{vo::trimmed(text)};
  }
  return {};
}

std::optional<double> first_number(const FitsHeader& header, std::initializer_list<std::string_view> keywords) {
  for (const auto keyword : keywords) {
    const auto value = header.real(keyword);
    if (value && std::isfinite(*value) && *value != 0) return value;
  }
  return std::nullopt;
}

/// The start: of DATE-OBS, with the time of day beside it where that stands in another card, else as a number of days.
std::optional<double> start_of(const FitsHeader& header) {
  const auto date = first_text(header, {"DATE-OBS", "DATE-BEG"});
  auto start = vo::mjd_of_date(date, kMiddleOfPhotography);
  if (start && date.find('T') == std::string::npos) {
    const auto time = first_text(header, {"TIME-OBS", "UT-OBS", "UTSTART", "TIME-BEG", "UT", "UTC"});
    if (const auto whole = vo::mjd_of_date(vo::iso_date(*start) + "T" + time, *start)) start = whole;
  }
  if (start) return start;
  if (const auto mjd = first_number(header, {"MJD-OBS", "MJD-BEG"})) return mjd;
  const auto julian = first_number(header, {"JD-OBS", "JD"});
  return julian && *julian > 2'000'000 ? std::optional{*julian - 2'400'000.5} : std::nullopt;
}

std::optional<double> exposure_of(const FitsHeader& header) {
  const auto seconds = first_number(header, {"EXPTIME", "EXPOSURE", "TEXPTIME", "XPOSURE"});
  return seconds && *seconds > 0 ? seconds : std::nullopt;
}

/// The edge of the image, once around: corners, and points between where it is curved on the sky.
std::vector<vo::Pixel> edge_of(double width, double height, int sides) {
  const std::array<vo::Pixel, 4> corners{
      {{0.5, 0.5}, {width + 0.5, 0.5}, {width + 0.5, height + 0.5}, {0.5, height + 0.5}}};
  std::vector<vo::Pixel> edge;
  for (std::size_t i = 0; i < corners.size(); ++i) {
    const auto &from = corners[i], &to = corners[(i + 1) % corners.size()];
    for (int side = 0; side < sides; ++side) {
      const double part = static_cast<double>(side) / sides;
      edge.push_back({from.x + part * (to.x - from.x), from.y + part * (to.y - from.y)});
    }
  }
  return edge;
}

std::optional<std::vector<vo::IcrsPosition>> places_of(const vo::SkyMap& map, const std::vector<vo::Pixel>& pixels) {
  std::vector<vo::IcrsPosition> places;
  for (const auto& place : map.positions_of(pixels)) {
    if (!place) return std::nullopt;
    places.push_back(*place);
  }
  return places;
}

/// Points between two corners lie off the great circle by more than half a pixel.
bool is_curved(const std::vector<vo::IcrsPosition>& edge, vo::Angle pixel) {
  for (std::size_t i = 0; i < edge.size(); i += 2) {
    const auto distance = vo::distance_to_arc(edge[i + 1], edge[i], edge[(i + 2) % edge.size()]);
    if (distance > vo::Angle::degrees(pixel.as_degrees() / 2)) return true;
  }
  return false;
}

std::string region_text(const std::vector<vo::IcrsPosition>& places) {
  std::string text = "Polygon ICRS";
  for (const auto& place : places) text += fmt::format(" {:.6f} {:.6f}", place.ra.as_degrees(), place.dec.as_degrees());
  return text;
}

struct Footprint {
  vo::IcrsPosition centre;
  std::string region;
  double diameter = 0;
};

/// Throws Error{Rejected}: a corner of the image is at no place of the sky.
Footprint footprint_of(const vo::SkyMap& map, const vo::ImageShape& shape) {
  const auto width = static_cast<double>(shape.width()), height = static_cast<double>(shape.height());
  const auto centre = map.position_of({(width + 1) / 2, (height + 1) / 2});
  auto edge = places_of(map, edge_of(width, height, 2));
  if (!centre || !edge) throw Error{ErrorKind::Rejected, "the edge of its image lies at no place of the sky"};
  if (is_curved(*edge, map.linear_scale())) {
    edge = places_of(map, edge_of(width, height, kSidesOfEdge));
  } else {
    for (std::size_t i = 0; i < 4; ++i) (*edge)[i] = (*edge)[2 * i];
    edge->erase(edge->begin() + 4, edge->end());
  }
  if (!edge) throw Error{ErrorKind::Rejected, "the edge of its image lies at no place of the sky"};
  Footprint footprint{*centre, region_text(*edge), 0};
  for (const auto& place : *edge) {
    footprint.diameter = std::max(footprint.diameter, 2 * vo::separation(*centre, place).as_degrees());
  }
  const auto region = vo::SkyRegion::parse(footprint.region);
  if (!region || !region->contains(*centre)) throw Error{ErrorKind::Rejected, "its image is larger than a hemisphere"};
  return footprint;
}

class RecordRow {
 public:
  RecordRow() : cells_(kFieldFacts.size()) {}
  void set(std::string_view name, const std::string& text) {
    if (!text.empty()) cells_[plate_field(name)] = text;
  }
  void set(std::string_view name, std::optional<double> number) {
    if (number && std::isfinite(*number)) cells_[plate_field(name)] = *number;
  }
  void set_count(std::string_view name, std::int64_t number) { cells_[plate_field(name)] = number; }
  const PlateRow& cells() const { return cells_; }

 private:
  PlateRow cells_;
};

std::string stem_of(const std::string& path) {
  auto name = path.substr(path.rfind('/') + 1);
  for (const std::string_view ending : {".gz", ".fz", ".fits", ".fit", ".fts"}) {
    if (vo::ends_with_ignoring_case(name, ending)) name.erase(name.size() - ending.size());
  }
  return name;
}

/// What all rows of a plate say.
RecordRow common_row(const vo::FitsImage& image, const PlateFile& file) {
  const auto& header = image.header;
  RecordRow row;
  row.set("obs_publisher_did", fmt::format("ivo://x-unregistred/{}?{}", file.collection, file.path));
  row.set("access_url", file.access_url);
  row.set("access_format", std::string{"image/fits"});
  if (file.size > 0) row.set_count("access_estsize", static_cast<std::int64_t>((file.size + 1023) / 1024));
  row.set("dataproduct_type", std::string{"image"});
  row.set_count("calib_level", 1);
  row.set("obs_collection", file.collection);
  row.set("obs_id", file.path);
  const auto object = first_text(header, {"OBJECT", "OBJNAME"});
  row.set("obs_title", stem_of(file.path) + (object.empty() ? "" : " " + object));
  row.set("target_name", object);
  row.set_count("s_xel1", image.shape.width());
  row.set_count("s_xel2", image.shape.height());
  const auto start = start_of(header);
  const auto seconds = exposure_of(header);
  row.set("t_min", start);
  row.set("t_exptime", seconds);
  // Of a date alone nobody knows when it ends.
  const bool has_time = start && *start != std::floor(*start);
  if (has_time && seconds) row.set("t_max", *start + *seconds / kSecondsOfDay);
  row.set("facility_name", first_text(header, {"OBSERVAT", "SITENAME", "ORIGIN"}));
  row.set("instrument_name", first_text(header, {"INSTRUME", "TELESCOP"}));
  row.set("file_version", file.version);
  return row;
}

std::vector<PlateRow> rows_of(const vo::FitsImage& image, const PlateFile& file) {
  const auto common = common_row(image, file);
  std::vector<PlateRow> rows;
  std::string problem;
  const auto note = [&](const std::string& reason) {
    if (problem.empty()) problem = reason;
  };
  for (const auto& description : vo::descriptions_of(image.header)) {
    if (!description.map) {
      note(description.reason);
      continue;
    }
    try {
      const auto footprint = footprint_of(*description.map, image.shape);
      auto row = common;
      row.set("s_ra", footprint.centre.ra.as_degrees());
      row.set("s_dec", footprint.centre.dec.as_degrees());
      row.set("s_fov", footprint.diameter);
      row.set("s_region", footprint.region);
      row.set("s_pixel_scale", description.map->linear_scale().as_arcseconds());
      rows.push_back(row.cells());
    } catch (const Error& error) {
      note(error.message());
    }
  }
  if (rows.empty()) {
    auto row = common;
    row.set("problem", problem.empty() ? "its header has no celestial coordinates" : problem);
    rows.push_back(row.cells());
  }
  return rows;
}

}  // namespace

const std::vector<vo::VotableField>& plate_fields() {
  static const std::vector<vo::VotableField> fields = [] {
    std::vector<vo::VotableField> made;
    for (const auto& facts : kFieldFacts) {
      vo::VotableField field;
      field.name = facts.name;
      field.datatype = facts.datatype;
      if (field.datatype == "char") field.arraysize = "*";
      field.unit = facts.unit;
      field.ucd = facts.ucd;
      field.utype = facts.utype;
      made.push_back(std::move(field));
    }
    return made;
  }();
  return fields;
}

std::size_t plate_field(std::string_view name) {
  const auto* const found =
      std::ranges::find(kFieldFacts, name, [](const FieldFacts& facts) { return std::string_view{facts.name}; });
  return static_cast<std::size_t>(found - kFieldFacts.begin());
}

std::vector<PlateRow> plate_rows(vo::FitsSource& source, const PlateFile& file) {
  return vo::with_plain(source, [&](vo::FitsSource& plain) { return rows_of(vo::find_image(plain), file); });
}

}  // namespace platefs::tools
