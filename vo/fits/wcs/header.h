// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <vector>

#include "vo/fits/hdu/header.h"
#include "vo/fits/wcs/cards.h"

namespace platefs::vo {

/// A description of the image's first two axes as wcslib reads it correctly.
struct WcslibHeader {
  std::string cards;  ///< a primary description: longitude first, a CD matrix, degrees, and nothing that is ignored
  std::string longitude_type;        ///< "RA", "GLON" ...
  double scale = 0;                  ///< degrees: the longer side of a pixel by the linear part alone
  std::vector<std::string> remarks;  ///< about what was taken for something else
};

/// The descriptions of a header, the primary one first. A plate solution of the Digitized Sky Survey, if complete,
/// stands in for the primary one, as wcslib and AST have it (wcstools prefers CTYPE); its keywords alone, which
/// amateurs' software writes with a meaning of its own, mean nothing.
std::vector<WcsCards> descriptions_in(const FitsHeader& header);

/// What counts of a description, in the one form that all programs read alike: its distortion as distortion.h
/// decides, its matrix as linear.h does, CUNIT in any customary spelling (an unknown one is taken for degrees). PV
/// parameters belong to the axis of their number also where the latitude comes first, as wcstools reads them
/// (wcslib 7.12 mixes up TPV's there). Without LONPOLE a map whose CRVAL is the celestial pole itself is oriented as
/// the standard says (WCS paper II, section 2.2: LONPOLE is 0 there), which wcslib, astropy and AST follow and wcstools
/// does not; CTYPE without a projection is refused, where both take it for linear: the programs that write so meant a
/// projection. Throws Error{Rejected} naming the cards from which no map can be made.
WcslibHeader wcslib_header(const WcsCards& description);

}  // namespace platefs::vo
