// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <string>

#include "vo/fits/wcs/cards.h"

namespace platefs::vo {

/// The celestial axes of a description (WCS paper II): names and projection.
struct WcsTypes {
  std::array<std::string, 2> names;  ///< "RA", "DEC", "GLON", "GLAT" ... of axis 1 and axis 2
  std::string projection;            ///< three letters, the same of both axes
  bool has_sip = false;              ///< the suffix -SIP, on either axis
  int longitude_axis = 1;            ///< 1 or 2

  const std::string& longitude() const { return names[static_cast<std::size_t>(longitude_axis - 1)]; }
  const std::string& latitude() const { return names[static_cast<std::size_t>(2 - longitude_axis)]; }
};

/// Reads CTYPE1 and CTYPE2, in capitals or not. Throws Error{Rejected} naming what they say when they describe no sky,
/// no projection or two, coordinates in a table (-TAB), IRAF's polynomials in WAT cards (-TNX, -ZPX), or a distortion
/// that is not SIP.
WcsTypes types_of(const WcsCards& cards);

}  // namespace platefs::vo
