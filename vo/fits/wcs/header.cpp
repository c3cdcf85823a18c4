// SPDX-License-Identifier: BSD-3-Clause
#include "vo/fits/wcs/header.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <optional>
#include <string_view>

#include "vo/base/error.h"
#include "vo/fits/wcs/distortion.h"
#include "vo/fits/wcs/dss.h"
#include "vo/fits/wcs/linear.h"
#include "vo/fits/wcs/type.h"
#include "vo/fits/wcs/unit.h"

namespace platefs::vo {
namespace {

/// Puts a description together, axis by axis, with the longitude in front.
class Writer {
 public:
  Writer(const WcsCards& cards, const WcsTypes& types) : cards_(cards), types_(types) {
    made_.longitude_type = types.longitude();
    header_.set_integer("NAXIS", 2);
  }

  WcslibHeader written() && {
    const auto distortion = distortion_of(cards_, types_);
    write_types(distortion);
    write_linear();
    for (int axis = 1; axis <= 2; ++axis) write_parameters(distortion, axis);
    write_pole();
    write_sip("A", distortion.sip[0], distortion.sip[1]);
    write_sip("B", distortion.sip[1], distortion.sip[0]);
    write_old_parameters();
    for (const auto& card : header_.cards()) made_.cards += card;
    return std::move(made_);
  }

 private:
  /// Number of the axis in what is written.
  int place_of(int axis) const { return types_.longitude_axis == 1 ? axis : 3 - axis; }

  void write_types(const WcsDistortion& distortion) {
    const bool has_sip = !distortion.sip[0].empty() || !distortion.sip[1].empty();
    auto code = types_.projection;
    if (code == "TAN" || code == "TPV") code = distortion.is_tpv ? "TPV" : "TAN";
    for (int axis = 1; axis <= 2; ++axis) {
      const auto& name = types_.names[static_cast<std::size_t>(axis - 1)];
      header_.set_text(fmt::format("CTYPE{}", place_of(axis)),
                       fmt::format("{:-<5}{}{}", name, code, has_sip ? "-SIP" : ""));
      header_.set_text(fmt::format("CUNIT{}", place_of(axis)), "deg");
    }
  }

  double unit_of(int axis) {
    if (const auto degrees = degrees_per_unit(cards_, axis)) return *degrees;
    const auto keyword = fmt::format("CUNIT{}", axis);
    made_.remarks.push_back(fmt::format("{} = '{}' is no unit of angles and was taken for degrees",
                                        cards_.spelled(keyword), cards_.word(keyword)));
    return 1.0;
  }

  void write_linear() {
    auto matrix = linear_terms(cards_, types_.longitude_axis);
    for (int axis = 1; axis <= 2; ++axis) {
      const double unit = unit_of(axis);
      auto& row = matrix[static_cast<std::size_t>(axis - 1)];
      for (int j = 1; j <= 2; ++j) {
        row[static_cast<std::size_t>(j - 1)] *= unit;
        header_.set_real(fmt::format("CD{}_{}", place_of(axis), j), row[static_cast<std::size_t>(j - 1)]);
      }
      const auto reference = fmt::format("CRVAL{}", axis);
      header_.set_real(fmt::format("CRVAL{}", place_of(axis)),
                       checked(axis, reference, unit * cards_.defined_number(reference).value_or(0)));
      const auto pixel = fmt::format("CRPIX{}", axis);
      header_.set_real(pixel, cards_.defined_number(pixel).value_or(0));
    }
    made_.scale = std::max(std::hypot(matrix[0][0], matrix[1][0]), std::hypot(matrix[0][1], matrix[1][1]));
  }

  /// A longitude is taken modulo a turn.
  double checked(int axis, const std::string& keyword, double value) const {
    if (axis == types_.longitude_axis) return std::remainder(value, 360.0);
    if (std::abs(value) <= 90.0) return value;
    throw Error{ErrorKind::Rejected, fmt::format("the FITS header's coordinates hold a latitude of {} degrees: {}",
                                                 value, cards_.spelled(keyword))};
  }

  void write_parameters(const WcsDistortion& distortion, int axis) {
    for (const auto& [number, value] : distortion.parameters[static_cast<std::size_t>(axis - 1)]) {
      header_.set_real(fmt::format("PV{}_{}", place_of(axis), number), value);
    }
  }

  void write_pole() {
    for (const auto* keyword : {"LONPOLE", "LATPOLE"}) {
      if (const auto value = cards_.number(keyword)) header_.set_real(keyword, *value);
    }
  }

  /// Both polynomials or none.
  void write_sip(const std::string& stem, const SipTerms& terms, const SipTerms& other) {
    if (terms.empty() && other.empty()) return;
    int order = 2;
    for (const auto& [powers, value] : terms) order = std::max(order, powers.first + powers.second);
    header_.set_integer(stem + "_ORDER", order);
    for (const auto& [powers, value] : terms) {
      header_.set_real(fmt::format("{}_{}_{}", stem, powers.first, powers.second), value);
    }
    if (terms.empty()) header_.set_real(stem + "_2_0", 0);
  }

  void write_old_parameters() {
    const int latitude = 3 - types_.longitude_axis;
    const bool takes_them =
        types_.projection != "TAN" && types_.projection != "TPV" && cards_.parameters(latitude).empty();
    for (int number = 0; takes_them && number <= 9; ++number) {
      const auto value = cards_.number(fmt::format("PROJP{}", number)).value_or(0);
      if (value != 0) header_.set_real(fmt::format("PV2_{}", number), value);
    }
  }

  const WcsCards& cards_;
  const WcsTypes& types_;
  FitsHeader header_;
  WcslibHeader made_;
};

}  // namespace

std::vector<WcsCards> descriptions_in(const FitsHeader& header) {
  auto adapted = header;
  describe_dss_as_tpv(adapted);
  return WcsCards::all_in(adapted);
}

WcslibHeader wcslib_header(const WcsCards& description) {
  const auto types = types_of(description);
  return Writer{description, types}.written();
}

}  // namespace platefs::vo
