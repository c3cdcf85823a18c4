// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <optional>

#include "vo/fits/wcs/cards.h"

namespace platefs::vo {

/// Degrees per unit of a description's axis (1 or 2) by its CUNIT, however that is spelled (vo/base/words.h); 1 without
/// one. Empty for a word that is no unit of angles. Throws Error{Rejected} naming a malformed card.
std::optional<double> degrees_per_unit(const WcsCards& cards, int axis);

}  // namespace platefs::vo
