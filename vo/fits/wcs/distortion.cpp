// SPDX-License-Identifier: BSD-3-Clause
#include "vo/fits/wcs/distortion.h"

#include <fmt/core.h>

#include <algorithm>

#include "vo/base/error.h"

namespace platefs::vo {
namespace {

constexpr int kLastOfPaperTwo = 4;  // PVi_0 to PVi_4 of the longitude axis
constexpr int kLastOfTpv = 39;
constexpr int kHighestSipOrder = 9;

/// Corrections by tables in other HDUs (FITS WCS distortion paper; Hubble's D2IMDIS), and others of that paper, whose
/// records DPi and DQi make wcslib 7.12 write beyond its memory.
void require_no_general_distortion(const WcsCards& cards) {
  for (const auto* keyword : {"CPDIS1", "CPDIS2", "CQDIS1", "CQDIS2", "D2IMDIS1", "D2IMDIS2"}) {
    const auto kind = cards.word(keyword);
    if (kind.empty()) continue;
    throw Error::rejected(
        fmt::format("the FITS header's coordinates have a distortion {}, which is not supported: {} = '{}'",
                    kind == "LOOKUP" ? "in a lookup table" : "of a general kind", cards.spelled(keyword), kind));
  }
}

int last_of(const std::map<int, double>& parameters) { return parameters.empty() ? -1 : parameters.rbegin()->first; }

bool is_of_scamp(const WcsDistortion& found) {
  const auto& [first, second] = found.parameters;
  return std::max(last_of(first), last_of(second)) > kLastOfPaperTwo || (first.contains(1) && second.contains(1));
}

void forget_parameters(WcsDistortion& found) { found.parameters = {}; }

void require_order(const WcsCards& cards, const WcsDistortion& found) {
  const auto& [first, second] = found.parameters;
  if (std::max(last_of(first), last_of(second)) <= kLastOfTpv) return;
  const int axis = last_of(first) > kLastOfTpv ? 1 : 2;
  const int term = last_of(found.parameters[static_cast<std::size_t>(axis - 1)]);
  throw Error::rejected(fmt::format("the FITS header's coordinates hold {}, but a TPV polynomial ends at PV{}_{}",
                                    cards.spelled(fmt::format("PV{}_{}", axis, term)), axis, kLastOfTpv));
}

SipTerms sip_terms(const WcsCards& cards, char stem) {
  const auto keyword = fmt::format("{}_ORDER", stem);
  const int order = cards.integer(keyword).value_or(0);
  if (order > kHighestSipOrder)
    throw Error::rejected(fmt::format("the FITS header's coordinates hold {} = {}", keyword, order));
  SipTerms terms;
  if (order < 2) return terms;
  for (int i = 0; i <= order; ++i) {
    for (int j = 0; i + j <= order; ++j) {
      const double value = cards.number(fmt::format("{}_{}_{}", stem, i, j)).value_or(0);
      if (value != 0) terms[{i, j}] = value;
    }
  }
  return terms;
}

void keep_own_parameters(WcsDistortion& found, const WcsTypes& types) {
  auto& longitude = found.parameters[static_cast<std::size_t>(types.longitude_axis - 1)];
  if (last_of(longitude) > kLastOfPaperTwo) longitude.clear();
}

}  // namespace

WcsDistortion distortion_of(const WcsCards& cards, const WcsTypes& types) {
  require_no_general_distortion(cards);
  WcsDistortion found;
  found.parameters = {cards.parameters(1), cards.parameters(2)};
  const bool is_tan = types.projection == "TAN";
  const bool is_polynomial = is_tan && is_of_scamp(found);
  found.is_tpv = (types.projection == "TPV" && !(found.parameters[0].empty() && found.parameters[1].empty())) ||
                 (is_polynomial && !types.has_sip);
  if (found.is_tpv) {
    require_order(cards, found);
    return found;
  }
  if (types.has_sip) found.sip = {sip_terms(cards, 'A'), sip_terms(cards, 'B')};
  if (is_polynomial) forget_parameters(found);
  if (is_tan) found.parameters[static_cast<std::size_t>(2 - types.longitude_axis)].clear();
  keep_own_parameters(found, types);
  return found;
}

}  // namespace platefs::vo
