// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <vector>

#include "vo/fits/hdu/header.h"
#include "vo/fits/wcs/cards.h"
#include "vo/fits/wcs/distortion.h"
#include "vo/fits/wcs/linear.h"
#include "vo/fits/wcs/type.h"

namespace platefs::vo {

/// What one WCS description of a header applies.
struct WcsReading {
  WcsCards cards;
  WcsTypes types;
  WcsDistortion distortion;
  WcsMatrix linear{};      ///< in units of CUNIT per pixel
  bool counts_cd = false;  ///< `linear` stands in CD cards

  bool has_sip() const { return !distortion.sip[0].empty() || !distortion.sip[1].empty(); }
};

/// Those of a header that are read here as their cards say, the primary one first; `unread` are all others, the primary
/// one beside a plate solution of the Digitized Sky Survey among them.
struct WcsReadings {
  std::vector<WcsReading> read;
  std::vector<WcsCards> unread;
};
WcsReadings readings_of(const FitsHeader& header);

}  // namespace platefs::vo
