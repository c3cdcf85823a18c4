// SPDX-License-Identifier: BSD-3-Clause
#include "tools/demo_archive/light_curves.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "tools/demo_archive/footprint.h"
#include "tools/demo_archive/plate_catalogue.h"
#include "tools/demo_archive/votable_out.h"
#include "vo/base/url.h"

namespace platefs::demo {
namespace {

using vo::VotableValue;

constexpr auto kField = vo::Angle::degrees(1);
constexpr double kPeriod = 210.5, kHalfRange = 0.8, kFullTurn = 6.283185307179586;  // d, mag

vo::IcrsPosition beside(const vo::IcrsPosition& place, double north_arcsec) {
  return vo::offset(place, vo::Angle::degrees(0), vo::Angle::arcseconds(north_arcsec));
}

std::vector<double> dates_of(const std::vector<Plate>& plates) {
  std::vector<double> dates;
  for (const auto& plate : plates) {
    if (plate.t_min && vo::separation(plate.solution.centre, demo_target()) < kField) dates.push_back(*plate.t_min);
  }
  std::ranges::sort(dates);
  return dates;
}

std::string curve_text(const std::string& id, const std::vector<double>& dates, double magnitude) {
  Document document;
  document.name = id;
  document.infos = {{"QUERY_STATUS", "OK", ""}};
  document.fields = {number_field("obs_time", "double", "d", "time.epoch"),
                     number_field("phot", "double", "mag", "phot.mag;em.opt.B")};
  for (const auto date : dates) {
    document.rows.push_back({date, magnitude + kHalfRange * std::sin(kFullTurn * date / kPeriod)});
  }
  return votable(document, Serialization::Tabledata);
}

std::vector<vo::IcrsPosition> square_around(const vo::IcrsPosition& place) {
  std::vector<vo::IcrsPosition> corners;
  for (const double angle : {45.0, 135.0, 225.0, 315.0}) {
    corners.push_back(vo::offset(place, vo::Angle::degrees(angle), vo::Angle::arcseconds(1)));
  }
  return corners;
}

}  // namespace

std::string LightCurves::Curve::publisher_did() const { return "ivo://platefs.demo/~?lightcurves/" + id; }

LightCurves::LightCurves(const std::vector<Plate>& plates, const Addresses& addresses) : addresses_(addresses) {
  const auto dates = dates_of(plates);
  if (dates.empty()) return;
  const auto add = [&](std::string id, double north_arcsec, bool has_region, bool is_behind_datalink) {
    Curve curve{.id = std::move(id),
                .position = beside(demo_target(), north_arcsec),
                .has_region = has_region,
                .is_behind_datalink = is_behind_datalink,
                .t_min = dates.front(),
                .t_max = dates.back()};
    curve.file = curve.id + ".vot";
    curve.votable = curve_text(curve.id, dates, 11 + std::abs(north_arcsec) / 100);
    curves_.push_back(std::move(curve));
  };
  add("star_B", 0, false, false);
  add("star_pg", 3, true, true);
  add("neighbour_B", 300, true, false);
}

std::string LightCurves::url_of(const Curve& curve) const {
  return fmt::format("{}/lightcurves/{}", addresses_.archive, curve.file);
}

void LightCurves::add_rows(ObscoreTable& table) const {
  for (const auto& curve : curves_) {
    ObscoreRow row;
    if (curve.has_region) row.outline = square_around(curve.position);
    const auto link =
        fmt::format("{}/lightcurves/dlmeta?ID={}", addresses_.archive, vo::percent_encoded(curve.publisher_did()));
    const std::map<std::string, VotableValue, std::less<>> told{
        {"dataproduct_type", std::string("timeseries")},
        {"calib_level", std::int64_t{3}},
        {"obs_collection", std::string("Demo light curves")},
        {"obs_id", curve.id},
        {"obs_title", "Light curve " + curve.id},
        {"obs_publisher_did", curve.publisher_did()},
        {"access_url", curve.is_behind_datalink ? link : url_of(curve)},
        {"access_format", std::string(curve.is_behind_datalink ? kDatalinkType : kVotableType)},
        {"s_ra", curve.position.ra.as_degrees()},
        {"s_dec", curve.position.dec.as_degrees()},
        {"s_region", curve.has_region ? VotableValue(stc_s(row.outline)) : VotableValue()},
        {"t_min", curve.t_min},
        {"t_max", curve.t_max}};
    for (const auto& field : table.fields) {
      const auto cell = told.find(field.name);
      row.cells.push_back(cell == told.end() ? VotableValue() : cell->second);
    }
    table.rows.push_back(std::move(row));
  }
}

Answer LightCurves::links(const std::string& id) const {
  Document document;
  document.name = "links";
  for (const auto* name :
       {"ID", "access_url", "service_def", "error_message", "description", "semantics", "content_type"}) {
    document.fields.push_back(text_field(name, ""));
  }
  document.fields.push_back(number_field("content_length", "long", "byte", ""));
  for (const auto& curve : curves_) {
    if (curve.publisher_did() != id) continue;
    document.rows.push_back({id,
                             fmt::format("{}/lightcurves/about.txt", addresses_.archive),
                             {},
                             {},
                             std::string("How it was measured"),
                             std::string("#documentation"),
                             std::string("text/plain"),
                             {}});
    document.rows.push_back({id,
                             url_of(curve),
                             {},
                             {},
                             std::string("The light curve"),
                             std::string("#this"),
                             std::string(kVotableType),
                             static_cast<std::int64_t>(curve.votable.size())});
  }
  if (document.rows.empty()) {
    document.rows.push_back({id, {}, {}, "NotFoundFault: " + id + " is not here", {}, std::string("#this"), {}, {}});
  }
  return text_answer(200, std::string(kDatalinkType), votable(document, Serialization::Tabledata));
}

Answer LightCurves::answer(const Request& request, std::string_view name) const {
  if (name == "dlmeta") return links(request.parameter("ID").value_or(""));
  const auto found = std::ranges::find(curves_, name, &Curve::file);
  if (found != curves_.end()) return text_answer(200, kVotableType, found->votable);
  if (name == "about.txt") return text_answer(200, "text/plain", "Made up: a sine, at the dates of the plates.\n");
  return text_answer(404, "text/plain", "there is no such light curve\n");
}

}  // namespace platefs::demo
