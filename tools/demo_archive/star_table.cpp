// SPDX-License-Identifier: BSD-3-Clause
#include "tools/demo_archive/star_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "tools/demo_archive/plate_catalogue.h"
#include "tools/demo_archive/star_field.h"
#include "tools/demo_archive/votable_out.h"

namespace platefs::demo {

ObscoreTable star_table() {
  constexpr auto kAround = vo::Angle::degrees(1);
  ObscoreTable table;
  table.name = kStarTable;
  table.fields = {text_field("star", "meta.id;meta.main"), number_field("ra", "double", "deg", "pos.eq.ra;meta.main"),
                  number_field("dec", "double", "deg", "pos.eq.dec;meta.main"),
                  number_field("mag", "float", "mag", "phot.mag;em.opt.B")};
  const std::array places{demo_target(), thrice_exposed_target(), crowded_target()};
  for (std::size_t i = 0; i < places.size(); ++i) {
    for (const auto& star : stars_near(places[i], kAround)) {
      const auto is_near = [&](const auto& place) { return vo::separation(place, star.position) <= kAround; };
      if (std::any_of(places.begin(), places.begin() + static_cast<std::ptrdiff_t>(i), is_near)) continue;
      const double ra = star.position.ra.as_degrees(), dec = star.position.dec.as_degrees();
      table.rows.push_back(
          {{fmt::format("D {:.4f}{:+.4f}", ra, dec), ra, dec, static_cast<float>(star.magnitude)}, {}});
    }
  }
  return table;
}

}  // namespace platefs::demo
