// SPDX-License-Identifier: BSD-3-Clause
#include "vo/fits/wcs/type.h"

#include <fmt/core.h>

#include "vo/base/error.h"

namespace platefs::vo {
namespace {

/// "RA---TAN-SIP" in its parts.
struct Type {
  std::string text;
  std::string name;
  std::string code;
  std::string suffix;
};

bool is_longitude(const std::string& name) { return name == "RA" || name.ends_with("LON") || name.ends_with("LN"); }
bool is_latitude(const std::string& name) { return name == "DEC" || name.ends_with("LAT") || name.ends_with("LT"); }

/// The name in four letters, the code in three, filled up with hyphens (FITS 4.0 section 8.2).
Type type_of(const std::string& text) {
  Type type{text, text.substr(0, text.find('-')), {}, {}};
  if (text.size() >= 8 && text[4] == '-') type.code = text.substr(5, 3);
  if (text.size() > 8) type.suffix = text.substr(8);
  return type;
}

std::string types_in_words(const WcsCards& cards, const Type& first, const Type& second) {
  if (first.text.empty() && second.text.empty()) return fmt::format("no {}", cards.spelled("CTYPE1"));
  return fmt::format("{} = '{}', {} = '{}'", cards.spelled("CTYPE1"), first.text, cards.spelled("CTYPE2"), second.text);
}

}  // namespace

WcsTypes types_of(const WcsCards& cards) {
  const auto first = type_of(cards.word("CTYPE1")), second = type_of(cards.word("CTYPE2"));
  const auto what = types_in_words(cards, first, second);
  if (first.code == "TAB" || second.code == "TAB") {
    throw Error::rejected(
        fmt::format("the FITS header's coordinates are in a table (-TAB), which is not supported: {}", what));
  }
  WcsTypes types{{first.name, second.name}, first.code, false, is_longitude(first.name) ? 1 : 2};
  if (!is_longitude(types.longitude()) || !is_latitude(types.latitude())) {
    throw Error::rejected(fmt::format("the FITS header has no valid celestial coordinates: {}", what));
  }
  if (first.code.empty() || second.code.empty()) {
    throw Error::rejected(fmt::format("the FITS header's celestial coordinates name no projection: {}", what));
  }
  if (first.code == "TNX" || first.code == "ZPX") {  // wcslib 7.12 writes beyond its memory at a WAT card with a flaw
    throw Error::rejected(fmt::format(
        "the FITS header's coordinates have IRAF's distortion in WAT cards, which is not supported: {}", what));
  }
  if (first.code != second.code) {
    throw Error::rejected(fmt::format("the FITS header's celestial coordinates name two projections: {}", what));
  }
  for (const auto& suffix : {first.suffix, second.suffix}) {
    if (!suffix.empty() && suffix != "-SIP") {
      throw Error::rejected(fmt::format("the FITS header's coordinates have a distortion that is not known: {}", what));
    }
    types.has_sip = types.has_sip || suffix == "-SIP";
  }
  return types;
}

}  // namespace platefs::vo
