// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <map>

#include "vo/fits/wcs/cards.h"
#include "vo/fits/wcs/type.h"

namespace platefs::vo {

/// u^i v^j of a SIP polynomial and its coefficient.
using SipTerms = std::map<std::pair<int, int>, double>;

/// What of a description's distortions counts, and the projection's own parameters.
struct WcsDistortion {
  bool is_tpv = false;                              ///< the parameters are those of a TPV polynomial
  std::array<std::map<int, double>, 2> parameters;  ///< PV1_m and PV2_m by m, none of them zero
  std::array<SipTerms, 2> sip;                      ///< A and B; both empty without a SIP distortion
};

/// Decides it, for the primary description and alternates alike. Archives' headers hold what several programs left:
/// - Type -TPV: its PVs count, SIP cards do not. Without a PV that is not zero it is a plain TAN.
/// - Type -TAN with SCAMP's polynomial (a PVi_m with m above 4, or both PV1_1 and PV2_1: no parameters of WCS
///   paper II) and without the suffix -SIP: that polynomial, as TPV; SIP cards do not count.
/// - Type -TAN-SIP: SIP counts, and SCAMP's polynomial is the same distortion once more, so that none of it does.
/// - Other PVs are the projection's own (paper II), beside -SIP too; but a longitude axis with parameters above 4 has
///   them of SCAMP's, and none counts.
/// - SIP counts with the suffix -SIP on either axis only, and per axis only if its order is above 1; terms above
///   the order do not.
/// That is how astropy (5.3 and later: _fix_scamp, _read_sip_kw) and wcstools agree. Where they do not: astropy applies
/// SIP cards without the suffix, wcstools, wcslib and AST (DS9) do not, nor does this; wcstools takes every PV of a TAN
/// for SCAMP's, astropy and this only where they can be no other.
/// Throws Error{Rejected} naming the cards of a distortion by CPDIS or CQDIS (lookup tables, which are not in the
/// header, and general functions), or of one beyond what its convention defines.
WcsDistortion distortion_of(const WcsCards& cards, const WcsTypes& types);

}  // namespace platefs::vo
