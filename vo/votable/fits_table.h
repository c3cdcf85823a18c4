// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "vo/votable/cell.h"
#include "vo/votable/votable.h"

namespace platefs::vo {

/// A binary table (FITS 4.0 section 7.3) of a FITS file: that of HDU `extension`, where the primary one is 0, else the
/// first there is. Fields have the names, units, descriptions (TCOMMn) and UCDs (TUCDn) of its columns, and the
/// datatype that holds what the cells mean: TZERO and TSCAL are applied, TNULL is null, arrays of numbers are texts.
/// Throws Error{Malformed} when there is no such table, a TFORM is none, or the file ends before its rows do; spends of
/// `budget` what the rows take. Keeps no reference to `file`.
Votable read_fits_table(std::span<const std::byte> file, std::optional<int> extension, MemoryBudget& budget);

}  // namespace platefs::vo
