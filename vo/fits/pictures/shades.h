// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace platefs::vo {

/// Whether the stars of an image have higher values than the sky (a positive, or a scan of density) or lower ones (a
/// negative: a scan of transmitted light).
enum class Polarity { StarsAreBright, StarsAreDark };

/// What an archive's word for it means: "negative", "positive", "stars dark", in any case; nothing for others.
std::optional<Polarity> polarity_named(std::string_view word);

/// The sky of a square image: its level and its grain.
struct Sky {
  double median = 0;
  double noise = 0;  ///< standard deviation around the local median; > 0
  Polarity polarity = Polarity::StarsAreDark;
  bool has_stars = false;  ///< which tell the polarity, clearly; else it is a guess
};

/// Measures the defined values of a square image. `step`: how many of its pixels one of the plate takes each way, of
/// which one value counts, since interpolated ones are no grain and make stars as large as the sky around them. Noise
/// and polarity are those of what stands out from the median of its surroundings (a cell of 24 such values), so that a
/// gradient of the emulsion counts for nothing. Stars are compact groups of pixels above five times the noise; what is
/// long or has holes (a scratch, a fibre, the plate's edge, a trail) is none. The side with more of them, each weighted
/// by its depth up to 40 times the noise, is the stars' side. Where no side has any, it is as the archive `told`; else
/// the sky's own skewness decides, as far as there is one; else a negative, which most scans are. `values` has at least
/// one that is defined.
Sky sky_of(std::span<const float> values, int size, int step = 1, std::optional<Polarity> told = {});

/// Greys of an image on one scale for all plates: 0 is the paper or the dark sky, 255 the heart of a bright star. The
/// unit is the plate's own noise: from 3.5 times below the sky, growing as asinh, to its brightest stars (at least 15
/// times, at most 60 times the noise above). Undefined values are empty.
std::vector<std::optional<unsigned char>> shades_of(std::span<const float> values, const Sky& sky);

}  // namespace platefs::vo
