// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "vo/base/sky.h"
#include "vo/base/sky_mark.h"

namespace platefs::vo {

/// A star that the brightness of another one is judged by.
struct ComparisonStar {
  std::string name;
  IcrsPosition place;
  double magnitude = 0;
  std::string letters = {};  ///< what it is called on pictures of one target: see lettered()

  bool operator==(const ComparisonStar&) const = default;
};

inline constexpr std::size_t kMostComparisonStars = 10'000;  ///< of a file
inline constexpr std::size_t kMostStarsOfTarget = 60;        ///< of those on pictures of one target

/// The stars of a table with headings: name (or label, star, id), ra, dec, mag (or vmag, bmag, gmag, magnitude, v, b),
/// in any case and order, other columns ignored; cells separated by comma, bar, tab, semicolon or blanks. Positions are
/// ICRS: degrees, or hours and degrees as 10:24:02.7 +48:08:51. Throws Error{Rejected} that names the line: a heading
/// is missing, a cell is no number, too many lines. Names are shown_text; those that are missing are the magnitudes.
std::vector<ComparisonStar> read_sequence(std::string_view text);

/// The same as a table to be read by others: name,ra,dec,mag,letters.
std::string sequence_csv(const std::vector<ComparisonStar>& stars);

/// Those within the square about the cone that pictures show, the brightest first, at most kMostStarsOfTarget, with the
/// letters that they have on them: their names where each is a single letter of its own, else a, b, c … by brightness.
std::vector<ComparisonStar> lettered(std::vector<ComparisonStar> stars, const Cone& cone);

/// Of the stars of a catalogue around a target those that a sequence can be made of, at most `most`: within the inner
/// part of the cone, none near the target or a star that is nearly as bright or brighter, steps of brightness as even
/// as they come. Brightest first.
std::vector<ComparisonStar> offered_stars(std::vector<ComparisonStar> stars, const Cone& cone, std::size_t most = 15);

/// The places and letters of such stars; null for none.
std::shared_ptr<const SkyMarks> marks_of(const std::vector<ComparisonStar>& stars);

}  // namespace platefs::vo
