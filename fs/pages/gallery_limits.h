// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <vector>

#include "fs/tree/target_name.h"
#include "vo/tables/star_sequence.h"

namespace platefs::fs {

/// The comparison stars that the page of a target knows.
struct GalleryStars {
  std::vector<vo::ComparisonStar> stars = {};  ///< with letters
  bool are_on_stamps = false;                  ///< the user's sequence; else those of the catalogue, on offer
  std::string catalogue = {};                  ///< its title, where one can be asked for stars; else empty
  std::string problem = {};                    ///< why the user's sequence can't be used
};

/// What a person judges plates by: which star is the faintest that is seen, and whether the target is. One box for the
/// player; the page's script (gallery_limits_script.h) does the rest, also with a sequence that is dropped on the page.
std::string gallery_limits(const Target& target, const GalleryStars& stars);

/// Under the timeline: the limits by year and month; shown when there are some.
std::string gallery_coverage();

}  // namespace platefs::fs
