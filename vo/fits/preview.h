// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <vector>

#include "vo/fits/hdu/source.h"

namespace platefs::vo {

/// A grey JPEG of the first plane of the image in a plate's file, at most 1024 pixels a side, north or
/// whatever is up in the scan on top (FITS counts rows from below). Of a large plate only every n-th row
/// is read, some 24 MiB in all; where one row has more than that, the beginning of each n-th part of it (a
/// compressed one is Error{Rejected}). Grey follows the stored values between their 0.5 and 99.7 per cent, so a
/// negative looks like a negative. Deterministic. Throws Error{Malformed}: no image; Error{Rejected}: no
/// pixel that is defined; and what FitsSource::read throws.
std::vector<std::byte> preview_of(FitsSource& source);

}  // namespace platefs::vo
