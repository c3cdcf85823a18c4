// SPDX-License-Identifier: BSD-3-Clause
#include "fs/pages/region.h"

#include <fmt/format.h>

namespace platefs::fs {

std::string region_text(const Target& target, const std::vector<vo::ComparisonStar>& stars) {
  const double ra = target.position.ra.as_degrees(), dec = target.position.dec.as_degrees();
  auto text = fmt::format(
      "# Region file format: DS9 version 4.1\n"
      "global color=green dashlist=8 3 width=1 font=\"helvetica 10 normal roman\" select=1 highlite=1 "
      "dash=0 fixed=0 edit=1 move=1 delete=1 include=1 source=1\n"
      "icrs\n"
      "point({},{}) # point=cross text={{{}}}\n"
      "circle({},{},{}\")\n",
      ra, dec, target.title(), ra, dec, target.radius.as_arcseconds());
  for (const auto& star : stars) {
    text += fmt::format("point({:.7f},{:.7f}) # point=boxcircle color=blue text={{{} {:.1f}}}\n",
                        star.place.ra.as_degrees(), star.place.dec.as_degrees(), star.letters, star.magnitude);
  }
  return text;
}

}  // namespace platefs::fs
