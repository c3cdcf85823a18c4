// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "vo/base/sky.h"
#include "vo/base/sky_mark.h"
#include "vo/fits/hdu/source.h"
#include "vo/fits/pictures/shades.h"

namespace platefs::vo {

/// How stars are shown.
enum class Tone { StarsDark, StarsBright };

/// What is written on the picture of a plate.
struct PlateCaption {
  std::string date;                            ///< "1890-05-17"; empty: without a date
  std::string plate;                           ///< its name, on a chart alone
  std::string place;                           ///< whose surroundings these are, on a chart alone
  std::shared_ptr<const SkyMarks> marks = {};  ///< of other stars; null: none
  std::optional<Polarity> polarity = {};       ///< as the archive tells it
};

inline constexpr int kStampSize = 481;  ///< pixels a side; the target is the centre of the middle one

/// stamps/X.jpg: the surroundings of the target on one plate as a JPEG of kStampSize pixels a side, north up, east
/// left, the square about the cone for every plate, stars of one tone for every plate, greys on one scale (shades.h).
/// Four ticks point at the target and leave it free; the date and a bar of a round length stand below. Each mark has a
/// tick beside its place, which stays free, and its letters. Whether stars are dark or bright on the plate is measured
/// (shades.h); where neither stars nor the archive tell, a line says what it was taken for. Where the cutout has
/// nothing it is empty paper. Depends on its arguments (and the fonts of the machine) alone. Throws as `resampled`.
std::vector<std::byte> stamp_of(FitsSource& cutout, const Cone& cone, const PlateCaption& caption, Tone tone);

/// chart.png: the same, larger, for a print: with the plate's name, the place and arrows to north and east.
std::vector<std::byte> chart_of(FitsSource& cutout, const Cone& cone, const PlateCaption& caption, Tone tone);

}  // namespace platefs::vo
