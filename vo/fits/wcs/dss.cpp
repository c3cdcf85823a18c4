// SPDX-License-Identifier: BSD-3-Clause
#include "vo/fits/wcs/dss.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <initializer_list>
#include <regex>

namespace platefs::vo {
namespace {

constexpr std::size_t kPowers = 6;  // 0 to 5

/// Coefficients of u^i v^j.
struct Polynomial {
  std::array<std::array<double, kPowers>, kPowers> of{};
};

Polynomial operator+(Polynomial a, const Polynomial& b) {
  for (std::size_t i = 0; i < kPowers; ++i) {
    for (std::size_t j = 0; j < kPowers; ++j) a.of[i][j] += b.of[i][j];
  }
  return a;
}

/// Powers above the fifth do not come up.
Polynomial operator*(const Polynomial& a, const Polynomial& b) {
  Polynomial product;
  for (std::size_t i = 0; i < kPowers; ++i) {
    for (std::size_t j = 0; i + j < kPowers; ++j) {
      for (std::size_t k = 0; i + j + k < kPowers; ++k) {
        for (std::size_t l = 0; i + j + k + l < kPowers; ++l) product.of[i + k][j + l] += a.of[i][j] * b.of[k][l];
      }
    }
  }
  return product;
}

Polynomial operator*(double factor, const Polynomial& a) {
  Polynomial constant;
  constant.of[0][0] = factor;
  return constant * a;
}

/// PV1_n of TPV that is the coefficient of u^i v^j, PV2_n of v^i u^j.
struct TpvTerm {
  int number;
  std::size_t i, j;
};
constexpr std::array<TpvTerm, 21> kTpvTerms{{{0, 0, 0},  {1, 1, 0},  {2, 0, 1},  {4, 2, 0},  {5, 1, 1},  {6, 0, 2},
                                             {7, 3, 0},  {8, 2, 1},  {9, 1, 2},  {10, 0, 3}, {12, 4, 0}, {13, 3, 1},
                                             {14, 2, 2}, {15, 1, 3}, {16, 0, 4}, {17, 5, 0}, {18, 4, 1}, {19, 3, 2},
                                             {20, 2, 3}, {21, 1, 4}, {22, 0, 5}}};

double value(const FitsHeader& header, const char* keyword) { return header.real(keyword).value_or(0); }

double term(const FitsHeader& header, char axis, int number) {
  return header.real(fmt::format("AMD{}{}", axis, number)).value_or(0);
}

/// Degrees per millimetre: the terms that are linear in the place (x, y) on the plate.
struct Linear {
  double xx, xy, yx, yy;

  explicit Linear(const FitsHeader& dss)
      : xx(term(dss, 'X', 1) / 3600),
        xy(term(dss, 'X', 2) / 3600),
        yx(term(dss, 'Y', 2) / 3600),
        yy(term(dss, 'Y', 1) / 3600) {}
  double determinant() const { return xx * yy - xy * yx; }
};

bool is_complete(const FitsHeader& header) {
  const std::initializer_list<const char*> needed{"PPO3", "PPO6", "XPIXELSZ", "YPIXELSZ", "PLTRAH", "PLTDECD"};
  return std::ranges::all_of(needed, [&](const char* each) { return header.real(each).has_value(); }) &&
         value(header, "XPIXELSZ") > 0 && value(header, "YPIXELSZ") > 0 && Linear{header}.determinant() != 0;
}

/// The primary description, but for the names of its frame.
bool describes_otherwise(std::string_view keyword) {
  static const std::regex pattern{
      "(CTYPE|CUNIT|CRVAL|CRPIX|CDELT|CROTA)[12]|(CD|PC)[12]_[12]|PV[12]_[0-9]+|LONPOLE|LATPOLE|"
      "(A|B|AP|BP)_([0-9]_[0-9]|ORDER|DMAX)"};
  return std::regex_match(keyword.begin(), keyword.end(), pattern);
}

/// The plate solution's polynomial for one axis, `own` being this axis' coordinate on the plate (DSS handbook).
Polynomial solution(const FitsHeader& dss, char axis, const Polynomial& own, const Polynomial& other) {
  Polynomial one;
  one.of[0][0] = 1;
  const auto square = own * own + other * other;
  const std::array terms{own,
                         other,
                         one,
                         own * own,
                         own * other,
                         other * other,
                         square,
                         own * own * own,
                         own * own * other,
                         own * other * other,
                         other * other * other,
                         own * square,
                         own * square * square};
  Polynomial sum;
  int number = 0;
  for (const auto& each : terms) sum = sum + term(dss, axis, ++number) / 3600 * each;
  return sum;
}

void set_polynomial(FitsHeader& made, int axis, const Polynomial& polynomial) {
  for (const auto& [number, i, j] : kTpvTerms) {
    const double coefficient = axis == 1 ? polynomial.of[i][j] : polynomial.of[j][i];
    if (coefficient != 0 || number == 1) made.set_real(fmt::format("PV{}_{}", axis, number), coefficient);
  }
}

/// With the linear terms in the CD matrix the polynomials are nearly the identity, which is what wcslib needs
/// to invert them.
void set_solution(FitsHeader& made, const FitsHeader& dss) {
  const Linear linear{dss};
  const double width = value(dss, "XPIXELSZ") / 1000, height = value(dss, "YPIXELSZ") / 1000;
  made.set_real("CD1_1", -linear.xx * width);  // x grows against the pixels
  made.set_real("CD1_2", linear.xy * height);
  made.set_real("CD2_1", -linear.yx * width);
  made.set_real("CD2_2", linear.yy * height);
  Polynomial x, y;
  x.of[1][0] = linear.yy / linear.determinant();
  x.of[0][1] = -linear.xy / linear.determinant();
  y.of[1][0] = -linear.yx / linear.determinant();
  y.of[0][1] = linear.xx / linear.determinant();
  set_polynomial(made, 1, solution(dss, 'X', x, y));
  set_polynomial(made, 2, solution(dss, 'Y', y, x));
}

double hours(const FitsHeader& header) {
  return value(header, "PLTRAH") + value(header, "PLTRAM") / 60 + value(header, "PLTRAS") / 3600;
}

double degrees(const FitsHeader& header) {
  const double size =
      std::abs(value(header, "PLTDECD")) + value(header, "PLTDECM") / 60 + value(header, "PLTDECS") / 3600;
  const bool is_south = header.text("PLTDECSN") == "-" || value(header, "PLTDECD") < 0;
  return is_south ? -size : size;
}

}  // namespace

bool is_dss_card(std::string_view keyword) {
  static const std::regex pattern{"AMD[XY][0-9]+|CNPIX[12]|PPO[0-9]+|[XY]PIXELSZ|PLT(SCALE|RA[HMS]|DEC(SN|[DMS]))"};
  return std::regex_match(keyword.begin(), keyword.end(), pattern);
}

bool has_dss_solution(const FitsHeader& header) { return header.has("AMDX1") && is_complete(header); }

void describe_dss_as_tpv(FitsHeader& header) {
  const auto dss = header;
  header.remove_if(is_dss_card);
  if (!has_dss_solution(dss)) return;
  header.remove_if(describes_otherwise);
  header.set_text("CTYPE1", "RA---TPV");
  header.set_text("CTYPE2", "DEC--TPV");
  header.set_real("CRVAL1", 15 * hours(dss));
  header.set_real("CRVAL2", degrees(dss));
  // The first pixel's centre is half a pixel from the scan's corner, where CNPIX and PPO count from.
  header.set_real("CRPIX1", value(dss, "PPO3") / value(dss, "XPIXELSZ") - value(dss, "CNPIX1") + 0.5);
  header.set_real("CRPIX2", value(dss, "PPO6") / value(dss, "YPIXELSZ") - value(dss, "CNPIX2") + 0.5);
  set_solution(header, dss);
}

}  // namespace platefs::vo
