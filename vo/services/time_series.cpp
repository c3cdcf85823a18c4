// SPDX-License-Identifier: BSD-3-Clause
#include "vo/services/time_series.h"

namespace platefs::vo {
namespace {

/// Positions of one star by two catalogues, old plates and proper motion among them.
constexpr double kReachArcsec = 10;
/// What states a field of its own is looked for so far away, in degrees.
constexpr double kLargestHalfFieldOfSeries = 0.1;

}  // namespace

std::optional<TapService> time_series_service(TapService service) {
  if (service.kind != ServiceKind::Tap || service.dataproduct_types.empty()) return std::nullopt;
  service.dataproduct_types = {"timeseries"};
  service.place_form = PlaceForm::Box;
  service.reach = Angle::arcseconds(kReachArcsec);
  service.largest_half_field = Angle::degrees(kLargestHalfFieldOfSeries);
  service.usual_field = Angle::degrees(0);
  service.wanted = "light curves";
  return service;
}

}  // namespace platefs::vo
