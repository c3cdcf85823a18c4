// SPDX-License-Identifier: BSD-3-Clause
#include "tools/demo_archive/soda_service.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <sstream>
#include <vector>

#include "vo/base/ascii.h"
#include "vo/base/error.h"
#include "vo/fits/cutout.h"
#include "vo/votable/cell.h"

namespace platefs::demo {
namespace {

using vo::Angle;

/// What DaCHS sends for requests that it rejects.
struct UsageError {
  std::string message;
};

std::vector<double> numbers(std::string_view text) {
  std::vector<double> result;
  std::istringstream words{std::string(text)};
  for (std::string word; words >> word;) {
    const auto number = vo::number_of_text(word);
    if (!number || !std::isfinite(*number)) throw UsageError{"no number: " + word};
    result.push_back(*number);
  }
  return result;
}

vo::IcrsPosition position(double ra, double dec) {
  try {
    return vo::IcrsPosition::at(Angle::degrees(ra), Angle::degrees(dec));
  } catch (const vo::Error& error) {
    throw UsageError{error.what()};
  }
}

vo::Cone circle(std::string_view text) {
  const auto values = numbers(text);
  if (values.size() != 3 || values[2] <= 0)
    throw UsageError{fmt::format("a circle is RA, DEC and a radius, not '{}'", text)};
  return {position(values[0], values[1]), Angle::degrees(values[2])};
}

/// A circle around a polygon: its centre is the mean of the corners.
vo::Cone around_polygon(std::string_view text) {
  const auto values = numbers(text);
  if (values.size() < 6 || values.size() % 2 != 0) throw UsageError{"a polygon is three or more pairs of RA and DEC"};
  double x = 0, y = 0, z = 0;
  std::vector<vo::IcrsPosition> corners;
  for (std::size_t i = 0; i < values.size(); i += 2) {
    const auto corner = corners.emplace_back(position(values[i], values[i + 1]));
    x += std::cos(corner.dec.as_radians()) * std::cos(corner.ra.as_radians());
    y += std::cos(corner.dec.as_radians()) * std::sin(corner.ra.as_radians());
    z += std::sin(corner.dec.as_radians());
  }
  double ra = Angle::radians(std::atan2(y, x)).as_degrees();
  if (ra < 0) ra += 360;
  const auto centre = position(ra, Angle::radians(std::atan2(z, std::hypot(x, y))).as_degrees());
  auto radius = Angle::degrees(0);
  for (const auto& corner : corners) radius = std::max(radius, vo::separation(centre, corner));
  return {centre, radius};
}

vo::Cone of_pos(const std::string& text) {
  if (text.starts_with("CIRCLE ")) return circle(text.substr(7));
  if (text.starts_with("POLYGON ")) return around_polygon(text.substr(8));
  throw UsageError{"POS: CIRCLE or POLYGON, not '" + text + "'"};
}

/// The one region that the request names; nothing when it names none.
std::optional<vo::Cone> region_of(const Request& request, Collection collection) {
  std::optional<vo::Cone> region;
  for (const auto& [name, value] : request.parameters()) {
    const bool is_pos = vo::same_ignoring_case(name, "POS"), is_circle = vo::same_ignoring_case(name, "CIRCLE");
    const bool is_known =
        is_pos || ((is_circle || vo::same_ignoring_case(name, "POLYGON")) && collection != Collection::Dasch);
    if (vo::same_ignoring_case(name, "ID")) continue;
    if (!is_known) throw UsageError{"unknown parameter " + name};
    if (region) throw UsageError{"only one region is cut at a time"};
    region = is_pos ? of_pos(value) : is_circle ? circle(value) : around_polygon(value);
  }
  return region;
}

std::string as_text(const std::vector<std::byte>& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

Answer cutout(const Plate& plate, ContentPointer full, vo::Cone cone) {
  // Some archives cut one size whatever is asked for.
  if (plate.is(Peculiarity::FixedCutout)) cone.radius = Angle::arcminutes(14);
  ContentFitsSource source(std::move(full));
  const vo::CutoutProvenance provenance{.source_did = plate.publisher_did(),
                                        .archive = "platefs demo archive",
                                        .source_url = {},
                                        .region = fmt::format("CIRCLE ICRS {} {} {}", cone.centre.ra.as_degrees(),
                                                              cone.centre.dec.as_degrees(), cone.radius.as_degrees()),
                                        .platefs_version = {},
                                        .t_min = plate.t_min,
                                        .t_max = plate.t_max(),
                                        .exptime_seconds = plate.exposure_seconds};
  try {
    return text_answer(200, "image/fits", as_text(vo::cut(source, cone, provenance).file));
  } catch (const vo::Error& error) {
    if (error.kind() != vo::ErrorKind::Rejected) throw;
    return {.status = 204, .headers = {}, .content = nullptr};
  }
}

}  // namespace

Answer SodaService::form(const Request& request) const {
  const auto page = [](const std::string& words) {
    return text_answer(200, "text/html", "<html><body><h1>Cutouts</h1>" + words + "</body></html>\n");
  };
  const auto id = request.parameter("plate").value_or("");
  const auto plate = std::ranges::find(store_.plates(), id, &Plate::id);
  if (plate == store_.plates().end()) return page("There is no such survey.");
  try {
    const auto values = numbers(request.parameter("ra").value_or("") + " " + request.parameter("dec").value_or("") +
                                " " + request.parameter("size").value_or(""));
    if (values.size() != 3 || values[2] <= 0) return page("Say where, and how large.");
    const vo::Cone cone{position(values[0], values[1]), Angle::degrees(values[2] / 2)};
    auto answer = cutout(*plate, store_.content(*plate, FileRole::Full), cone);
    return answer.status == 200 ? answer : page("There is no sky there.");
  } catch (const UsageError& error) {
    return page(error.message);
  }
}

Answer SodaService::answer(const Request& request, std::string_view folder) const {
  const auto id = request.parameter("ID").value_or("");
  const auto* const plate = store_.with_did(id);
  if (plate == nullptr || folder_of(plate->collection) != folder) {
    return text_answer(404, "text/plain", "Error: no dataset " + id + "\n");
  }
  if (plate->is(Peculiarity::SodaFails))
    return text_answer(500, "text/plain", "Error: the cutout service has lost its scanner\n");
  try {
    const auto region = region_of(request, plate->collection);
    auto full = store_.content(*plate, FileRole::Full);
    if (!region) return {.status = 200, .headers = {{"Content-Type", "image/fits"}}, .content = std::move(full)};
    return cutout(*plate, std::move(full), *region);
  } catch (const UsageError& error) {
    return text_answer(400, "text/plain", "UsageError: " + error.message + "\n");
  }
}

}  // namespace platefs::demo
