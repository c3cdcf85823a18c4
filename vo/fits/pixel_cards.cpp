// SPDX-License-Identifier: BSD-3-Clause
#include "vo/fits/pixel_cards.h"

#include <regex>

namespace platefs::vo {

bool is_structural(std::string_view keyword) {
  static const std::regex pattern{
      "SIMPLE|BITPIX|NAXIS[0-9]*|EXTEND|NEXTEND|GROUPS|PCOUNT|GCOUNT|BLOCKED|INHERIT|EXTNAME|"
      "EXTVER|"
      "EXTLEVEL|CHECKSUM|DATASUM|COMMENT|HISTORY|CONTINUE|HIERARCH|"};
  return std::regex_match(keyword.begin(), keyword.end(), pattern);
}

bool describes_pixels(std::string_view keyword) {
  static const std::regex pattern{
      "BSCALE|BZERO|BLANK|BUNIT|DATAMIN|DATAMAX|WCSAXES[A-Z]?|WCSNAME[A-Z]?|"
      "(CTYPE|CUNIT|CRVAL|CRPIX|CDELT|CROTA|CNAME|CRDER|CSYER)[0-9]+[A-Z]?|"
      "(CD|PC|PV|PS)[0-9]+_[0-9]+[A-Z]?|(A|B|AP|BP)_([0-9]_[0-9]|ORDER|DMAX)|(D[PQ]|CPDIS|CQDIS).*|"
      "(LONPOLE|LATPOLE|RADESYS|EQUINOX)[A-Z]?|RADECSYS|EPOCH|WAT[0-9]_.*|"
      "LT[VM][0-9_]+|CNPIX[12]|AMD[XYRX][0-9]+|PPO[0-9]+|PLT.*|[XY]PIXELSZ"};
  return std::regex_match(keyword.begin(), keyword.end(), pattern);
}

}  // namespace platefs::vo
