// SPDX-License-Identifier: BSD-3-Clause
#include "vo/wcs_header.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <optional>
#include <regex>

#include "vo/error.h"
#include "vo/fits_card.h"
#include "vo/wcs_dss.h"

namespace platefs::vo {
namespace {

using Matrix = std::array<std::array<double, 2>, 2>;

bool has_axis_code(const FitsHeader& header, std::string_view code) {
  return header.text("CTYPE1").value_or("").ends_with(code) ||
         header.text("CTYPE2").value_or("").ends_with(code);
}

bool is_distortion_pv(std::string_view keyword) {
  return keyword.starts_with("PV1_") || keyword.starts_with("PV2_");
}

/// PV of TAN's longitude axis up to 4 place the native pole (WCS paper II); all others are SCAMP's.
bool is_polynomial_term(std::string_view keyword, int latitude_axis) {
  if (!is_distortion_pv(keyword)) return false;
  const auto term = number_behind(keyword.substr(4), "").value_or(0);
  return keyword[2] - '0' == latitude_axis || term > 4;
}

bool is_tan_with_polynomial(const FitsHeader& header) {
  if (!has_axis_code(header, "-TAN")) return false;
  const int latitude_axis = header.text("CTYPE1").value_or("").starts_with("DEC") ? 1 : 2;
  return std::ranges::any_of(header.cards(), [&](const auto& card) {
    return is_polynomial_term(keyword_of(card), latitude_axis);
  });
}

/// wcslib knows the polynomial only under the projection's later name.
void name_tpv(FitsHeader& header) {
  for (const auto* keyword : {"CTYPE1", "CTYPE2"}) {
    auto type = header.text(keyword).value_or("");
    if (type.ends_with("-TAN")) header.set_text(keyword, type.replace(type.size() - 3, 3, "TPV"));
  }
}

std::string element(std::string_view stem, int i, int j) {
  return fmt::format("{}{}_{}", stem, i, j);
}

bool has_matrix(const FitsHeader& header, std::string_view stem) {
  return header.has(element(stem, 1, 1)) || header.has(element(stem, 1, 2)) ||
         header.has(element(stem, 2, 1)) || header.has(element(stem, 2, 2));
}

double scale(const FitsHeader& header, int axis) {
  return header.real(fmt::format("CDELT{}", axis)).value_or(1.0);
}

Matrix pc_matrix(const FitsHeader& header) {
  const auto get = [&](int i, int j) {
    return header.real(element("PC", i, j)).value_or(i == j ? 1.0 : 0.0);
  };
  return {{{get(1, 1), get(1, 2)}, {get(2, 1), get(2, 2)}}};
}

/// CROTA on the latitude axis as a PC matrix (WCS paper II, eq. 189).
Matrix rotation_matrix(const FitsHeader& header) {
  const auto angle = header.real("CROTA2").value_or(header.real("CROTA1").value_or(0.0)) *
                     std::numbers::pi / 180.0;
  const double ratio = scale(header, 2) / scale(header, 1);
  return {
      {{std::cos(angle), -std::sin(angle) * ratio}, {std::sin(angle) / ratio, std::cos(angle)}}};
}

bool concerns_linear_terms(std::string_view keyword) {
  static constexpr std::array<std::string_view, 8> kCards{"CDELT1", "CDELT2", "CROTA1", "CROTA2",
                                                          "PC1_1",  "PC1_2",  "PC2_1",  "PC2_2"};
  return std::ranges::find(kCards, keyword) != kCards.end();
}

/// wcslib 7.12 evaluates a TPV polynomial between PC and CDELT, where it belongs behind both: in a
/// CD matrix the two are one, and the order no longer matters.
void turn_into_cd_matrix(FitsHeader& header) {
  const bool has_pc = has_matrix(header, "PC");
  if (!has_pc && has_matrix(header, "CD")) return;
  const auto matrix = has_pc ? pc_matrix(header) : rotation_matrix(header);
  const std::array<double, 2> scales{scale(header, 1), scale(header, 2)};
  header.remove_if(concerns_linear_terms);
  for (int i = 1; i <= 2; ++i) {
    for (int j = 1; j <= 2; ++j) {
      const auto row = static_cast<std::size_t>(i - 1);
      const auto column = static_cast<std::size_t>(j - 1);
      header.set_real(element("CD", i, j), scales[row] * matrix[row][column]);
    }
  }
}

bool concerns_further_axes(std::string_view keyword) {
  static const std::regex pattern{
      "NAXIS|WCSAXES[A-Z]?|(NAXIS|CTYPE|CUNIT|CRVAL|CRPIX|CDELT|CROTA|CNAME|CRDER|CSYER|CZPHS|CPERI)([3-"
      "9]|"
      "[1-9][0-9]+)[A-Z]?|"
      "(CD|PC|PV|PS)([3-9]|[1-9][0-9]+)_[0-9]+[A-Z]?|(CD|PC)[0-9]+_([3-9]|[1-9][0-9]+)[A-Z]?"};
  return std::regex_match(keyword.begin(), keyword.end(), pattern);
}

/// wcslib refuses a SIP distortion beside further axes, even degenerate ones.
void leave_two_axes(FitsHeader& header) {
  header.remove_if(concerns_further_axes);  // and every NAXIS: a second one counts as well
  header.set_integer("NAXIS", 2);
}

/// The suffix of the description that a numeric keyword belongs to; none for the primary one, to
/// which all keywords that know no suffix belong. Empty for other keywords.
std::optional<std::string> description_of(std::string_view keyword) {
  static const std::regex pattern{
      "(?:(?:CRVAL|CRPIX|CDELT)[12]|(?:CD|PC)[12]_[12]|PV[12]_[0-9]+|LONPOLE|LATPOLE|EQUINOX)([A-Z]"
      "?)|"
      "CROTA[12]|(?:A|B|AP|BP)_(?:[0-9]_[0-9]|ORDER|DMAX)"};
  std::cmatch match;
  if (!std::regex_match(keyword.data(), keyword.data() + keyword.size(), match, pattern))
    return std::nullopt;
  return match[1].str();
}

bool is_number_of_dss(std::string_view keyword) {
  static const std::regex pattern{
      "AMD[XY][0-9]+|PPO[0-9]+|CNPIX[12]|[XY]PIXELSZ|PLT(SCALE|RA[HMS]|DEC[DMS])"};
  return std::regex_match(keyword.begin(), keyword.end(), pattern);
}

/// An undefined value is as good as none, and an equinox may be 'J2000'.
bool is_number_or_absent(std::string_view keyword, const CardValue& value) {
  if (value.is_text && keyword.starts_with("EQUINOX")) return true;
  return value.token.empty() || real_from(value).has_value();
}

/// wcspih takes any bytes for a card, and does not look where it reads and writes: it copies a text up to
/// its closing quote into 80 bytes, be it some cards further on, and follows pointers that it has not set where
/// a coefficient of a distortion has no number. So it is shown none but cards of the standard's form (FITS
/// 4.0 section 4.1.2), without those of DSS solutions, which it gets as TPV.
bool is_readable_by_wcslib(const std::string& card) {
  if (card.substr(8, 2) != "= ") return false;
  const auto keyword = keyword_of(card);
  const auto value = value_of(card);
  if (!value.is_closed || is_number_of_dss(keyword)) return false;
  return !description_of(keyword) || real_from(value).has_value();
}

void replace_unprintable(std::string& card) {
  std::ranges::replace_if(card, [](char c) { return c < ' ' || c > '~'; }, ' ');
}

}  // namespace

void require_numbers(const FitsHeader& header, std::string_view alternative) {
  const bool is_dss = alternative.empty() && header.has("AMDX1");
  for (const auto& card : header.cards()) {
    const auto keyword = keyword_of(card);
    const bool concerns =
        description_of(keyword) == alternative || (is_dss && is_number_of_dss(keyword));
    if (!concerns || is_number_or_absent(keyword, value_of(card))) continue;
    throw Error{ErrorKind::Rejected,
                fmt::format("the FITS header's coordinates hold a value that is no number: {} = {}",
                            keyword, value_of(card).token)};
  }
}

std::string cards_for_wcslib(const FitsHeader& header) {
  auto adapted = header;
  leave_two_axes(adapted);
  describe_dss_as_tpv(adapted);
  // SCAMP's polynomial beside a SIP one describes the same distortion twice.
  if (adapted.has("A_ORDER")) adapted.remove_if(is_distortion_pv);
  if (is_tan_with_polynomial(adapted)) name_tpv(adapted);
  if (has_axis_code(adapted, "-TPV")) turn_into_cd_matrix(adapted);
  std::string text;
  for (auto card : adapted.cards()) {
    replace_unprintable(card);
    if (is_readable_by_wcslib(card)) text += card;
  }
  return text;
}

}  // namespace platefs::vo
