// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <vector>

#include "vo/base/sky.h"

namespace platefs::vo {

/// A place that is marked on pictures by some letters beside it.
struct SkyMark {
  IcrsPosition place;
  std::string letters;
};

/// What is marked on the pictures of a target. Immutable once it is shared.
struct SkyMarks {
  std::vector<SkyMark> list;
  std::string key;  ///< the same for the same marks, and for no others: part of the pictures' own keys
};

}  // namespace platefs::vo
