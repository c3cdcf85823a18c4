// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <vector>

#include "vo/base/sky.h"
#include "vo/services/tap.h"
#include "vo/tables/star_sequence.h"
#include "vo/votable/votable.h"

namespace platefs::vo {

/// A table of stars at a TAP service, with the columns that a sequence of comparison stars is made of. Value type.
struct StarCatalogue {
  std::string title;                                                                      ///< for people: "Gaia DR3"
  TapService service;                                                                     ///< with its table
  std::string name = "source_id", ra = "ra", dec = "dec", magnitude = "phot_g_mean_mag";  ///< ADQL, ICRS, degrees
  double brightest = 6, faintest = 18;                                                    ///< magnitudes wanted
};

/// The query for the stars of a cone, the brightest first, with the four columns in that order.
std::string stars_adql(const StarCatalogue& catalogue, const Cone& cone);

/// What it answers; rows without a place or a magnitude are left out.
std::vector<ComparisonStar> stars_in(const Votable& answer);

}  // namespace platefs::vo
