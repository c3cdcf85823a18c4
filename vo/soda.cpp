// SPDX-License-Identifier: BSD-3-Clause
#include "vo/soda.h"

#include <fmt/format.h>

#include <cmath>
#include <numbers>
#include <optional>
#include <utility>
#include <vector>

#include "vo/ascii.h"
#include "vo/error.h"

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

struct RegionForm {
  const char* parameter;
  std::string value;
};

/// The first of our ways to say a region that the service declares.
std::optional<RegionForm> region_for(const ServiceDescriptor& service, const Cone& region) {
  if (service.input("CIRCLE") != nullptr) return RegionForm{"CIRCLE", circle_text(region)};
  if (service.input("POS") != nullptr) return RegionForm{"POS", "CIRCLE " + circle_text(region)};
  if (service.input("POLYGON") != nullptr) return RegionForm{"POLYGON", polygon_text(region)};
  return std::nullopt;
}

}  // namespace

std::string circle_text(const Cone& cone) {
  return fmt::format("{} {} {}", cone.centre.ra.as_degrees(), cone.centre.dec.as_degrees(),
                     cone.radius.as_degrees());
}

http::Request soda_request(const ServiceDescriptor& service, const std::string& publisher_did,
                           const Cone& region) {
  const auto form = region_for(service, region);
  if (!form) {
    throw Error(ErrorKind::Rejected, fmt::format("the service {} takes no CIRCLE, POS or POLYGON",
                                                 service.access_url));
  }
  Url::Parameters parameters;
  bool has_region = false;  // POS may be declared once per shape that it takes
  for (const auto& input : service.inputs) {
    if (same_ignoring_case(input.name, form->parameter)) {
      if (!std::exchange(has_region, true)) parameters.emplace_back(input.name, form->value);
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
  // ID is mandatory in SODA 1.0 section 3.2; a descriptor without it has it in its URL, or forgot it.
  const auto base = Url::parse(service.access_url);
  if (service.input("ID") == nullptr && base.parameter("ID").empty()) {
    parameters.insert(parameters.begin(), {"ID", publisher_did});
  }
  return {.url = base.with_query(parameters)};
}

}  // namespace platefs::vo
