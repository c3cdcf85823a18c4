// SPDX-License-Identifier: BSD-3-Clause
#include "vo/services/star_catalogue.h"

#include <fmt/format.h>

#include "vo/base/error.h"
#include "vo/base/shown_text.h"

namespace platefs::vo {
namespace {

constexpr int kMostStars = 5000;
constexpr std::size_t kLongestName = 60;

}  // namespace

std::string stars_adql(const StarCatalogue& catalogue, const Cone& cone) {
  const auto& c = catalogue;
  return fmt::format(
      "SELECT TOP {} {}, {}, {}, {} FROM {} WHERE 1 = CONTAINS(POINT('ICRS', {}, {}), CIRCLE('ICRS', {}, {}, {})) "
      "AND {} BETWEEN {} AND {} ORDER BY {}",
      kMostStars, c.name, c.ra, c.dec, c.magnitude, c.service.table, c.ra, c.dec, cone.centre.ra.as_degrees(),
      cone.centre.dec.as_degrees(), cone.radius.as_degrees(), c.magnitude, c.brightest, c.faintest, c.magnitude);
}

std::vector<ComparisonStar> stars_in(const Votable& answer) {
  if (answer.fields.size() < 4) {
    throw Error{ErrorKind::Malformed,
                fmt::format("the catalogue answers {} columns, not name, ra, dec, magnitude", answer.fields.size())};
  }
  std::vector<ComparisonStar> stars;
  for (const auto row : answer.rows) {
    const auto ra = number_of(row.view(1)), dec = number_of(row.view(2)), magnitude = number_of(row.view(3));
    if (!ra || !dec || !magnitude) continue;
    try {
      stars.push_back({shown_text(text_of(row.view(0)), kLongestName),
                       IcrsPosition::at(Angle::degrees(*ra), Angle::degrees(*dec)), *magnitude});
    } catch (const Error&) {
      continue;  // off the sphere: no star of a sequence
    }
  }
  return stars;
}

}  // namespace platefs::vo
