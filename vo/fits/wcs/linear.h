// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>

#include "vo/fits/wcs/cards.h"

namespace platefs::vo {

/// Rows are world axes, columns pixel axes: CD1_1 is [0][0].
using WcsMatrix = std::array<std::array<double, 2>, 2>;

/// The linear part of a description as a CD matrix, in units of CUNIT per pixel. `longitude_axis` is 1 or 2.
/// - A CD matrix that has an inverse counts, whatever stands beside it: the standard forbids PC there and lets CDELT
/// and
///   CROTA be ignored, and programs that solve a plate anew leave theirs. wcstools, SExtractor, Montage and DS9 read
///   it so; wcslib takes PC, which is followed where CD has no inverse only.
/// - Else PC (also spelled PC001002, PC01_02) and CDELT, of which those that are missing are 1 and the identity.
/// - Else CDELT and the CROTA of the latitude axis (WCS paper II, eq. 189); the other one means nothing.
/// Throws Error{Rejected} naming the cards that make a matrix without an inverse, or that are missing.
WcsMatrix linear_terms(const WcsCards& cards, int longitude_axis);

double determinant(const WcsMatrix& matrix);

}  // namespace platefs::vo
