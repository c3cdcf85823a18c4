// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "vo/fits/hdu/header.h"

namespace platefs::vo {

/// The letter of the WCS description that a keyword belongs to ("CRVAL1A": 'A'; ' ' for the primary one), with the
/// keyword as the primary description has it. Empty for a keyword that is not of those which have a letter (FITS 4.0
/// table 22).
struct LetteredKeyword {
  char letter = ' ';
  std::string primary;
};
std::optional<LetteredKeyword> lettered(std::string_view keyword);

/// Which description of the plate became the primary one of a header, and what became of the plate's own primary one.
struct PrimaryChange {
  char chosen = ' ';
  std::optional<char> former;  ///< its letter now; none: there was none
};

/// Makes the description `letter` ('A' to 'Z') the primary one, since most programs read no other. It keeps its letter,
/// too, so that letters go on to mean what they mean in the plate. The former primary one becomes an alternate under a
/// letter that no description has; spellings that only a primary one may have (CROTA,
/// PC001001, RADECSYS, EPOCH, the DSS plate solution) are put into words that have a letter. All others stay. Every
/// description goes on to say of each pixel what it said. When all letters are in use, the former primary one takes
/// `letter`. The primary one's cards stand before all others: SExtractor takes the first whose keyword begins as it
/// should.
PrimaryChange make_primary(FitsHeader& header, char letter);

}  // namespace platefs::vo
