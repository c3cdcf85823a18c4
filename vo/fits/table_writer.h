// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>

#include "vo/votable/writer.h"

namespace platefs::vo {

/// The table as a FITS file: an empty primary HDU and one BINTABLE (FITS 4.0 section 7.3). Names, units,
/// UCDs and descriptions become TTYPEn, TUNITn, TUCDn, TCOMMn; the table's description and INFOs are
/// COMMENT cards. Integers keep their width and declare TNULLn when there are nulls; text is ASCII of the
/// width of its longest value, or of variable length where that would waste much, other characters as '?',
/// and ends in "..." after 28,000; arrays are text, as a cell holds them. More than 999 columns FITS does
/// not have: the first ones are written. Depends on its argument alone: no date is written. Throws
/// Error{LocalIo} with cfitsio's words.
std::string fits_table(const VotableDocument& table);

}  // namespace platefs::vo
