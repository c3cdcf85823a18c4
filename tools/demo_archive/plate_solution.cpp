// SPDX-License-Identifier: BSD-3-Clause
#include "tools/demo_archive/plate_solution.h"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <numbers>

namespace platefs::demo {
namespace {

constexpr double kRadian = 180.0 / std::numbers::pi;

/// A quadratic distortion that treats the axes differently, so that swapped coefficients show.
struct SipTerms {
  double a20, a11, a02, b20, b11, b02;
};
constexpr SipTerms kTerms{0.7, -0.4, 0.2, -0.3, 0.5, -0.6};

struct Offset {
  double u, v;
};

Offset distorted(const Offset& o, double sip) {
  return {o.u + sip * (kTerms.a20 * o.u * o.u + kTerms.a11 * o.u * o.v + kTerms.a02 * o.v * o.v),
          o.v + sip * (kTerms.b20 * o.u * o.u + kTerms.b11 * o.u * o.v + kTerms.b02 * o.v * o.v)};
}

/// Fixed-point iteration: the distortion is small against the plate.
Offset undistorted(const Offset& wanted, double sip) {
  Offset guess = wanted;
  for (int i = 0; i < 12 && sip != 0; ++i) {
    const auto reached = distorted(guess, sip);
    guess = {guess.u + wanted.u - reached.u, guess.v + wanted.v - reached.v};
  }
  return guess;
}

struct Matrix {
  double xx, xy, yx, yy;
};

/// Pixels to degrees, x towards east, y towards north: what CDi_j holds.
Matrix matrix_of(const PlateSolution& solution) {
  const double c = std::cos(solution.rotation_degrees / kRadian);
  const double s = std::sin(solution.rotation_degrees / kRadian);
  const double sense = solution.mirrored ? 1 : -1;
  const double step = solution.scale_degrees;
  return {sense * step * c, -step * s, sense * step * s, step * c};
}

std::string real_card(std::string_view keyword, double value) {
  // '#' keeps the decimal point, by which a reader knows a real number; + 0.0 makes -0 a plain zero.
  return fmt::format("{:<8}= {:>#20.13G}", keyword, value + 0.0);
}
std::string text_card(std::string_view keyword, std::string_view value) {
  return fmt::format("{:<8}= '{:<8}'", keyword, value);
}

void add_matrix(std::vector<std::string>& cards, const PlateSolution& solution, std::string_view letter) {
  const auto m = matrix_of(solution);
  const auto element = [letter](const char* keyword) { return fmt::format("{}{}", keyword, letter); };
  if (solution.form == PlateSolution::Form::Cdelt) {
    cards.push_back(real_card("CDELT1", solution.mirrored ? solution.scale_degrees : -solution.scale_degrees));
    cards.push_back(real_card("CDELT2", solution.scale_degrees));
    cards.push_back(real_card("CROTA2", solution.rotation_degrees));
    return;
  }
  cards.push_back(real_card(element("CD1_1"), m.xx));
  cards.push_back(real_card(element("CD1_2"), m.xy));
  cards.push_back(real_card(element("CD2_1"), m.yx));
  cards.push_back(real_card(element("CD2_2"), m.yy));
}

void add_distortion(std::vector<std::string>& cards, double sip) {
  for (const char* const side : {"A", "B"}) {
    cards.push_back(fmt::format("{:<8}= {:>20}", fmt::format("{}_ORDER", side), 2));
  }
  const std::array<std::pair<const char*, double>, 6> terms = {{{"A_2_0", kTerms.a20},
                                                                {"A_1_1", kTerms.a11},
                                                                {"A_0_2", kTerms.a02},
                                                                {"B_2_0", kTerms.b20},
                                                                {"B_1_1", kTerms.b11},
                                                                {"B_0_2", kTerms.b02}}};
  for (const auto& [keyword, term] : terms) cards.push_back(real_card(keyword, sip * term));
}

/// The SIP terms act on pixels; behind the matrix, where TPV acts, they are other terms of the same degree.
struct Quadratic {
  double xx, xy, yy;
};

Quadratic behind(const Matrix& inverse, double a20, double a11, double a02) {
  const auto& n = inverse;
  return {a20 * n.xx * n.xx + a11 * n.xx * n.yx + a02 * n.yx * n.yx,
          2 * a20 * n.xx * n.xy + a11 * (n.xx * n.yy + n.xy * n.yx) + 2 * a02 * n.yx * n.yy,
          a20 * n.xy * n.xy + a11 * n.xy * n.yy + a02 * n.yy * n.yy};
}

Quadratic sum(double a, const Quadratic& u, double b, const Quadratic& v) {
  return {a * u.xx + b * v.xx, a * u.xy + b * v.xy, a * u.yy + b * v.yy};
}

/// Terms of the second axis are numbered with the axes exchanged.
void add_polynomial(std::vector<std::string>& cards, const PlateSolution& solution, std::string_view letter) {
  const auto m = matrix_of(solution);
  const double d = m.xx * m.yy - m.xy * m.yx;
  const Matrix inverse{m.yy / d, -m.xy / d, -m.yx / d, m.xx / d};
  const auto u = behind(inverse, kTerms.a20, kTerms.a11, kTerms.a02),
             v = behind(inverse, kTerms.b20, kTerms.b11, kTerms.b02);
  const auto xi = sum(m.xx * solution.sip, u, m.xy * solution.sip, v),
             eta = sum(m.yx * solution.sip, u, m.yy * solution.sip, v);
  const auto add = [&](int axis, int term, double value) {
    cards.push_back(real_card(fmt::format("PV{}_{}{}", axis, term, letter), value));
  };
  add(1, 0, 0), add(1, 1, 1), add(1, 2, 0), add(1, 4, xi.xx), add(1, 5, xi.xy), add(1, 6, xi.yy);
  add(2, 0, 0), add(2, 1, 1), add(2, 2, 0), add(2, 4, eta.yy), add(2, 5, eta.xy), add(2, 6, eta.xx);
}

bool is_polynomial(PlateSolution::Form form) {
  return form == PlateSolution::Form::Scamp || form == PlateSolution::Form::Tpv;
}

}  // namespace

vo::IcrsPosition PlateSolution::position_of(const vo::Pixel& pixel) const {
  const auto o = distorted({pixel.x - reference.x, pixel.y - reference.y}, sip);
  const auto m = matrix_of(*this);
  const double xi = m.xx * o.u + m.xy * o.v;
  const double eta = m.yx * o.u + m.yy * o.v;
  const double distance = std::atan(std::hypot(xi, eta) / kRadian);
  return vo::offset(centre, vo::Angle::radians(std::atan2(xi, eta)), vo::Angle::radians(distance));
}

vo::Pixel PlateSolution::pixel_of(const vo::IcrsPosition& position) const {
  const double a = position.ra.as_radians() - centre.ra.as_radians();
  const double d = position.dec.as_radians(), d0 = centre.dec.as_radians();
  const double along = std::sin(d) * std::sin(d0) + std::cos(d) * std::cos(d0) * std::cos(a);
  const double xi = kRadian * std::cos(d) * std::sin(a) / along;
  const double eta = kRadian * (std::sin(d) * std::cos(d0) - std::cos(d) * std::sin(d0) * std::cos(a)) / along;
  const auto m = matrix_of(*this);
  const double determinant = m.xx * m.yy - m.xy * m.yx;
  const auto o = undistorted({(m.yy * xi - m.xy * eta) / determinant, (m.xx * eta - m.yx * xi) / determinant}, sip);
  return {reference.x + o.u, reference.y + o.v};
}

PlateSolution PlateSolution::binned(int factor) const {
  auto result = *this;
  result.reference = {(reference.x - 0.5) / factor + 0.5, (reference.y - 0.5) / factor + 0.5};
  result.scale_degrees *= factor;
  result.sip *= factor;
  return result;
}

std::vector<std::string> PlateSolution::cards(std::string_view letter) const {
  const char* const projection = form == Form::Tpv ? "TPV" : sip != 0 && form != Form::Scamp ? "TAN-SIP" : "TAN";
  const auto named = [letter](const char* keyword) { return fmt::format("{}{}", keyword, letter); };
  std::vector<std::string> result = {text_card(named("CTYPE1"), fmt::format("RA---{}", projection)),
                                     text_card(named("CTYPE2"), fmt::format("DEC--{}", projection)),
                                     text_card(named("CUNIT1"), "deg"),
                                     text_card(named("CUNIT2"), "deg"),
                                     real_card(named("CRVAL1"), centre.ra.as_degrees()),
                                     real_card(named("CRVAL2"), centre.dec.as_degrees()),
                                     real_card(named("CRPIX1"), reference.x),
                                     real_card(named("CRPIX2"), reference.y)};
  add_matrix(result, *this, letter);
  if (is_polynomial(form)) {
    add_polynomial(result, *this, letter);
  } else if (sip != 0) {
    add_distortion(result, sip);
  }
  result.push_back(text_card(named("RADESYS"), "ICRS"));
  result.push_back(real_card(named("EQUINOX"), 2000.0));
  return result;
}

std::vector<vo::IcrsPosition> PlateSolution::outline(int width, int height, int steps) const {
  const double x1 = 0.5, y1 = 0.5, x2 = width + 0.5, y2 = height + 0.5;
  const std::array<vo::Pixel, 5> corners = {{{x1, y1}, {x2, y1}, {x2, y2}, {x1, y2}, {x1, y1}}};
  std::vector<vo::IcrsPosition> result;
  for (std::size_t side = 0; side < 4; ++side) {
    const auto& from = corners[side];
    const auto& to = corners[side + 1];
    for (int i = 0; i < steps; ++i) {
      const double f = static_cast<double>(i) / steps;
      result.push_back(position_of({from.x + f * (to.x - from.x), from.y + f * (to.y - from.y)}));
    }
  }
  return result;
}

}  // namespace platefs::demo
