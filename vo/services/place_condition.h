// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <string_view>

#include "vo/base/error.h"
#include "vo/base/sky.h"

namespace platefs::vo {

/// How a service is asked which rows contain a place. Not every service computes with s_region (in some it is text),
/// and not every row has one: the rest is found by s_ra, s_dec and s_fov, widely, and looked through here (SkyRegion).
enum class PlaceForm {
  Region,       ///< by s_region alone: where every row has one
  RegionOrBox,  ///< by s_region, and rows without it by their centre
  Box           ///< by the centre alone: no geometry on the server
};

/// In degrees, of plates. Half of the largest field: patrol cameras reach 40. And a field of which neither s_region nor
/// s_fov is stated.
inline constexpr double kLargestHalfField = 25, kUsualField = 5;

/// The ADQL 2.0 condition for a place in degrees; `reach`: for all within so much of it, the plates that only meet the
/// circle among them.
std::string place_condition(PlaceForm form, const IcrsPosition& position, Angle reach = Angle::degrees(0),
                            Angle largest_half_field = Angle::degrees(kLargestHalfField));

/// The same for the columns `ra` and `dec` of a table that is joined with that of the plates, whose name in the query
/// is `plates` ("o"). Not for Box: the join would have nothing to find its rows by.
std::string place_condition_of_join(PlaceForm form, std::string_view plates, std::string_view ra, std::string_view dec,
                                    Angle reach = Angle::degrees(0));

/// Whether a service's refusal says that it can't compute with s_region: then Box may work.
bool is_refusal_of_geometry(const Error& refusal);

}  // namespace platefs::vo
