// SPDX-License-Identifier: BSD-3-Clause
#include "vo/fits/wcs/unit.h"

#include <fmt/core.h>

#include <numbers>

#include "vo/base/words.h"

namespace platefs::vo {

std::optional<double> degrees_per_unit(const WcsCards& cards, int axis) {
  const auto stated = cards.word(fmt::format("CUNIT{}", axis));
  if (says_nothing(stated)) return 1.0;
  const auto unit = angle_unit_word(stated);
  if (unit == "deg") return 1.0;
  if (unit == "arcmin") return 1.0 / 60;
  if (unit == "arcsec") return 1.0 / 3600;
  if (unit == "mas") return 1.0 / 3.6e6;
  if (unit == "rad") return 180.0 / std::numbers::pi;
  if (unit == "hourangle") return 15.0;
  return std::nullopt;
}

}  // namespace platefs::vo
