// SPDX-License-Identifier: BSD-3-Clause
#include "vo/services/soda.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <optional>
#include <utility>
#include <vector>

#include "vo/base/ascii.h"
#include "vo/base/error.h"
#include "vo/votable/cell.h"

namespace platefs::vo {
namespace {

/// A polygon around the circle: its sides touch the circle from outside, so nothing is cut off.
std::string polygon_text(const Cone& cone) {
  constexpr int kCorners = 12;
  const double half_step = std::numbers::pi / kCorners;
  const auto distance = Angle::radians(std::atan(std::tan(cone.radius.as_radians()) / std::cos(half_step)));
  std::vector<std::string> corners;
  for (int i = 0; i < kCorners; ++i) {
    // Counter-clockwise as seen from inside the sphere: north through east.
    const auto corner = offset(cone.centre, Angle::radians(2 * half_step * i), distance);
    corners.push_back(fmt::format("{} {}", corner.ra.as_degrees(), corner.dec.as_degrees()));
  }
  return fmt::format("{}", fmt::join(corners, " "));
}

/// Nearer to a pole a box of RA and DEC is too unlike one of pixels.
constexpr double kHighestDec = 85;

/// Of a plate rotated by up to 5 degrees two corners then still leave the whole circle.
constexpr double kRoomForRotation = 1.1;

struct Interval {
  double low, high;
};

bool is_interval_of_degrees(const VotableField& input) {
  const bool is_pair = same_ignoring_case(trimmed(input.xtype), "interval") || trimmed(input.arraysize) == "2";
  const auto unit = trimmed(input.unit);
  return is_pair && (unit.empty() || same_ignoring_case(unit, "deg") || same_ignoring_case(unit, "degrees"));
}

/// What the service says that its image covers: MIN and MAX.
std::optional<Interval> limits_of(const VotableField& input) {
  const auto low = number_of_text(input.min), high = number_of_text(input.max);
  return low && high && *low < *high ? std::optional{Interval{*low, *high}} : std::nullopt;
}

/// Right ascensions are counted as the image's own are: from below 0 where it lies across. Without limits nobody
/// knows how the service counts there.
std::optional<Interval> counted_as(Interval ra, const std::optional<Interval>& limits) {
  if (!limits) return ra.low >= 0 && ra.high <= 360 ? std::optional{ra} : std::nullopt;
  for (const double turn : {0.0, -360.0, 360.0}) {
    const Interval turned{ra.low + turn, ra.high + turn};
    const bool touches = turned.low < limits->high && turned.high > limits->low;
    if (touches) return turned;
  }
  return std::nullopt;
}

struct RegionForm {
  std::string parameter, value;
};
using RegionForms = std::vector<RegionForm>;

std::string interval_text(Interval interval) { return fmt::format("{} {}", interval.low, interval.high); }

/// The box around the circle, as services said it before SODA had a CIRCLE.
RegionForms box_for(const VotableField& ra, const VotableField& dec, const Cone& region) {
  const double radius = kRoomForRotation * region.radius.as_degrees(), centre = region.centre.dec.as_degrees();
  if (!is_interval_of_degrees(ra) || !is_interval_of_degrees(dec)) return {};
  if (std::abs(centre) + radius > kHighestDec) return {};
  // The meridian that touches the circle does so beside the circle's centre, nearer to the pole.
  const auto half = Angle::radians(
      std::asin(std::sin(Angle::degrees(radius).as_radians()) / std::cos(region.centre.dec.as_radians())));
  const double middle = region.centre.ra.as_degrees();
  const auto counted = counted_as({middle - half.as_degrees(), middle + half.as_degrees()}, limits_of(ra));
  if (!counted) return {};
  return {{"RA", interval_text(*counted)}, {"DEC", interval_text({centre - radius, centre + radius})}};
}

bool takes(const ServiceDescriptor& service, std::string_view name) { return service.input(name) != nullptr; }

bool takes_region(const ServiceDescriptor& service) {
  return takes(service, "CIRCLE") || takes(service, "POS") || takes(service, "POLYGON");
}

bool declares_nothing(const ServiceDescriptor& service) {
  return std::ranges::all_of(service.inputs,
                             [](const VotableField& input) { return same_ignoring_case(input.name, "ID"); });
}

/// Early drafts of SODA were called AccessData.
bool states_soda(const ServiceDescriptor& service) {
  return service.is("ivo://ivoa.net/std/SODA#sync") || service.is("ivo://ivoa.net/std/AccessData#sync") ||
         is_asked_by_job(service);
}

/// The first of our ways to say a region that the service declares; empty: none.
RegionForms region_for(const ServiceDescriptor& service, const Cone& region) {
  if (takes(service, "CIRCLE") || declares_nothing(service)) return {{"CIRCLE", circle_text(region)}};
  if (takes(service, "POS")) return {{"POS", "CIRCLE " + circle_text(region)}};
  if (takes(service, "POLYGON")) return {{"POLYGON", polygon_text(region)}};
  const auto* const ra = service.input("RA");
  const auto* const dec = service.input("DEC");
  return ra != nullptr && dec != nullptr ? box_for(*ra, *dec, region) : RegionForms{};
}

/// Takes the value out of `left`: POS may be declared once per shape that it takes.
std::optional<std::string> taken_value(RegionForms& left, std::string_view name) {
  const auto found =
      std::ranges::find_if(left, [&](const RegionForm& form) { return same_ignoring_case(form.parameter, name); });
  if (found == left.end()) return std::nullopt;
  auto value = std::move(found->value);
  left.erase(found);
  return value;
}

}  // namespace

bool is_asked_by_job(const ServiceDescriptor& service) {
  return service.is("ivo://ivoa.net/std/SODA#async") || service.is("ivo://ivoa.net/std/AccessData#async");
}

bool is_asked_by_box(const ServiceDescriptor& service) { return !takes_region(service) && !declares_nothing(service); }

bool is_soda(const ServiceDescriptor& service) {
  return states_soda(service) || (service.standard_id.empty() && takes_region(service));
}

bool is_soda_of_a_cutout_row(const ServiceDescriptor& service) {
  return states_soda(service) || service.standard_id.empty();
}

std::vector<ServiceDescriptor> soda_services_of(const PlateTable& table, const Plate& plate) {
  std::vector<ServiceDescriptor> found;
  const auto value_in_row = [&](const std::string& field) -> std::optional<std::string> {
    const auto at = std::ranges::find(table.table.fields, field, &VotableField::id);
    if (at == table.table.fields.end() || plate.row >= table.table.rows.size()) return std::nullopt;
    const auto column = static_cast<std::size_t>(at - table.table.fields.begin());
    return std::string(trimmed(text_of(table.table.rows.cell(plate.row, column))));
  };
  for (auto service : table.table.services) {
    if (!is_soda(service)) continue;
    for (auto& input : service.inputs) {
      const auto value = input.ref.empty() ? std::nullopt : value_in_row(input.ref);
      if (value && input.value.empty()) input.value = *value;
    }
    found.push_back(std::move(service));
  }
  return found;
}

std::string circle_text(const Cone& cone) {
  return fmt::format("{} {} {}", cone.centre.ra.as_degrees(), cone.centre.dec.as_degrees(), cone.radius.as_degrees());
}

namespace {

/// What is sent beside what the service's URL has already.
Url::Parameters parameters_for(const ServiceDescriptor& service, const std::string& publisher_did, const Cone& region) {
  const auto forms = region_for(service, region);
  if (forms.empty()) {
    throw Error(ErrorKind::Rejected,
                fmt::format("the service {} takes no CIRCLE, POS or POLYGON, nor RA and DEC by which this region "
                            "could be told",
                            service.access_url));
  }
  Url::Parameters parameters;
  auto left = forms;
  for (const auto& input : service.inputs) {
    const auto is_of_region = [&](const RegionForm& form) { return same_ignoring_case(form.parameter, input.name); };
    if (std::ranges::any_of(forms, is_of_region)) {
      if (const auto value = taken_value(left, input.name)) parameters.emplace_back(input.name, *value);
    } else if (!input.value.empty()) {
      parameters.emplace_back(input.name, input.value);
    } else if (same_ignoring_case(input.name, "ID")) {
      parameters.emplace_back(input.name, publisher_did);
    } else if (!input.ref.empty()) {
      throw Error(ErrorKind::Rejected,
                  fmt::format("the service {} needs {}, whose value stands in a column that is not here",
                              service.access_url, input.name));
    }
  }
  for (const auto& form : left) {  // of a service that declares nothing
    if (!takes(service, form.parameter)) parameters.emplace_back(form.parameter, form.value);
  }
  // ID is mandatory in SODA 1.0 section 3.2; a descriptor without it has it in its URL, or forgot it.
  const auto base = Url::parse(service.access_url);
  if (service.input("ID") == nullptr && base.parameter("ID").empty()) {
    parameters.insert(parameters.begin(), {"ID", publisher_did});
  }
  return parameters;
}

}  // namespace

http::Request soda_request(const ServiceDescriptor& service, const std::string& publisher_did, const Cone& region) {
  const auto parameters = parameters_for(service, publisher_did, region);
  return {.url = Url::parse(service.access_url).with_query(parameters)};
}

JobQuestion soda_job(const ServiceDescriptor& service, const std::string& publisher_did, const Cone& region) {
  return {Url::parse(service.access_url), parameters_for(service, publisher_did, region), std::nullopt};
}

}  // namespace platefs::vo
