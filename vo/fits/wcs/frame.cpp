// SPDX-License-Identifier: BSD-3-Clause
#include "vo/fits/wcs/frame.h"

#include <erfa.h>
#include <erfam.h>
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "vo/base/ascii.h"
#include "vo/base/error.h"
#include "vo/base/words.h"
#include "vo/fits/hdu/card.h"

namespace platefs::vo {
namespace {

using Rotation = std::array<std::array<double, 3>, 3>;

constexpr double kDegree = ERFA_DD2R;
constexpr double kFirstOfFk5 = 1984.0;

/// Right ascension and declination, or their like, in radians.
struct Radians {
  double longitude = 0;
  double latitude = 0;
};

Rotation zyz(double first, double second, double third) {
  Rotation rotation{};
  auto* matrix = reinterpret_cast<double(*)[3]>(rotation.data());
  eraIr(matrix);
  eraRz(first, matrix);
  eraRy(second, matrix);
  eraRz(third, matrix);
  return rotation;
}

/// IAU 1976 precession of FK5 from J2000 to another equinox.
Rotation fk5_precession(double equinox) {
  double from = 0, from_day = 0, to = 0, to_day = 0, zeta = 0, z = 0, theta = 0;
  eraEpj2jd(2000.0, &from, &from_day);
  eraEpj2jd(equinox, &to, &to_day);
  eraPrec76(from, from_day, to, to_day, &zeta, &z, &theta);
  return zyz(-zeta, theta, -z);
}

/// Newcomb's precession of FK4 from B1950 to another equinox (Explanatory Supplement 1961, Kinoshita
/// 1975), which ERFA does not have.
Rotation fk4_precession(double equinox) {
  const double start = 1.0;  // centuries from B1850 to B1950
  const double t = (equinox - 1950.0) / 100.0;
  const double w = 2303.5548 + (1.39720 + 0.000059 * start) * start;
  const double zeta = (w + (0.30242 - 0.000269 * start + 0.017996 * t) * t) * t;
  const double z = (w + (1.09478 + 0.000387 * start + 0.018324 * t) * t) * t;
  const double theta =
      (2005.1125 + (-0.85294 - 0.000365 * start) * start + (-0.42647 - 0.000365 * start - 0.041802 * t) * t) * t;
  return zyz(-zeta * ERFA_DAS2R, theta * ERFA_DAS2R, -z * ERFA_DAS2R);
}

Radians rotated(Rotation rotation, const Radians& position, bool backwards) {
  auto* matrix = reinterpret_cast<double(*)[3]>(rotation.data());
  double before[3], after[3];
  eraS2c(position.longitude, position.latitude, before);
  backwards ? eraTrxp(matrix, before, after) : eraRxp(matrix, before, after);
  Radians result;
  eraC2s(after, &result.longitude, &result.latitude);
  return result;
}

Radians fk4_from_icrs(const Radians& icrs, double equinox) {
  Radians fk4;
  double motion = 0, more_motion = 0;
  eraFk54z(icrs.longitude, icrs.latitude, 1950.0, &fk4.longitude, &fk4.latitude, &motion, &more_motion);
  return rotated(fk4_precession(equinox), fk4, false);
}

Radians icrs_from_fk4(const Radians& fk4, double equinox) {
  const auto b1950 = rotated(fk4_precession(equinox), fk4, true);
  Radians icrs;
  eraFk45z(b1950.longitude, b1950.latitude, 1950.0, &icrs.longitude, &icrs.latitude);
  return icrs;
}

/// "J2000", "2000.0" and 2000.0 alike.
std::optional<double> year_of(const FitsHeader& header, const std::string& keyword) {
  if (const auto year = header.real(keyword)) return year;
  auto text = header.text(keyword).value_or("");
  if (text.starts_with('J') || text.starts_with('B')) text.erase(0, 1);
  return real_from({false, text, {}});
}

std::optional<double> equinox_of(const FitsHeader& header, const std::string& suffix) {
  if (const auto equinox = year_of(header, "EQUINOX" + suffix)) return equinox;
  return suffix.empty() ? equinox_by_epoch(header) : std::nullopt;
}

/// As it is written; empty without a value.
std::string stated_frame(const FitsHeader& header, const std::string& suffix) {
  if (auto frame = header.text("RADESYS" + suffix).value_or(""); !says_nothing(frame)) return frame;
  if (auto frame = header.text("RADECSYS").value_or(""); suffix.empty() && !says_nothing(frame)) return frame;
  return {};
}

std::string implied_frame(std::optional<double> equinox) {
  if (!equinox) return "ICRS";
  return *equinox < kFirstOfFk5 ? "FK4" : "FK5";
}

bool is_equatorial(const FitsHeader& header, const std::string& suffix) {
  for (const auto* axis : {"CTYPE1", "CTYPE2"}) {
    if (lower_case(trimmed(header.text(axis + suffix).value_or(""))).starts_with("ra")) return true;
  }
  return suffix.empty() && header.has("AMDX1");
}

/// wcstools heeds EQUINOX alone, or EPOCH in its place, whatever RADESYS says.
void spell_equinox(FitsHeader& header, const std::string& suffix, const std::string& frame,
                   std::vector<std::string>& remarks) {
  const auto keyword = "EQUINOX" + suffix;
  const auto stated = year_of(header, keyword);
  const bool is_fk4 = frame.starts_with("FK4");
  const double year = frame == "ICRS" ? 2000.0 : equinox_of(header, suffix).value_or(is_fk4 ? 1950.0 : 2000.0);
  const bool is_wanted = is_fk4 || (suffix.empty() && header.has("EPOCH"));
  if (stated == year && !header.text(keyword)) return;
  if (!stated && !is_wanted) return;
  if (stated && *stated != year) remarks.push_back(fmt::format("{} of the plate: {}", keyword, *stated));
  header.set_real(keyword, year);
}

void spell_frame(FitsHeader& header, const std::string& suffix, std::vector<std::string>& remarks) {
  const auto keyword = "RADESYS" + suffix;
  const auto stated = header.text(keyword).value_or("");
  const auto word = frame_word(stated);
  const auto frame = word ? std::string{*word} : implied_frame(equinox_of(header, suffix));
  if (!says_nothing(stated) && stated != frame) {
    remarks.push_back(
        word ? fmt::format("{} of the plate: {}", keyword, stated)
             : fmt::format("{} = '{}' is not understood: the coordinates are taken for {}", keyword, stated, frame));
    header.set_text(keyword, frame);
  }
  spell_equinox(header, suffix, frame, remarks);
}

double checked_equinox(std::optional<double> equinox, double fallback) {
  const double year = equinox.value_or(fallback);
  if (year > 1000 && year < 3000) return year;
  throw Error{ErrorKind::Rejected, fmt::format("the plate's coordinates are of equinox {}", year)};
}

double positive_turn(double degrees) {
  const double turned = std::fmod(degrees, 360.0);
  const double positive = turned < 0 ? turned + 360.0 : turned;
  return positive < 360.0 ? positive : 0.0;
}

}  // namespace

std::optional<double> equinox_by_epoch(const FitsHeader& header) {
  constexpr std::array kCustomary{1855.0, 1875.0, 1900.0, 1925.0, 1950.0, 1975.0, 2000.0};
  const auto epoch = year_of(header, "EPOCH");
  return epoch && std::ranges::find(kCustomary, *epoch) != kCustomary.end() ? epoch : std::nullopt;
}

std::string default_frame_name(const FitsHeader& header) { return implied_frame(equinox_of(header, "")); }

std::vector<std::string> spell_frames(FitsHeader& header) {
  std::vector<std::string> remarks;
  constexpr std::string_view kVersions = " ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  for (const char letter : kVersions) {
    const std::string suffix(letter == ' ' ? 0 : 1, letter);
    if (is_equatorial(header, suffix)) spell_frame(header, suffix, remarks);
  }
  return remarks;
}

CelestialFrame CelestialFrame::of(const FitsHeader& header, std::string_view alternative,
                                  std::string_view longitude_type) {
  const std::string suffix{alternative == " " ? "" : alternative};
  const auto equinox = equinox_of(header, suffix);
  if (longitude_type == "GLON") return {Kind::Galactic, 0};
  if (longitude_type == "ELON") return {Kind::Ecliptic, checked_equinox(equinox, 2000.0)};
  const auto word = frame_word(stated_frame(header, suffix));
  const auto frame = word ? std::string{*word} : implied_frame(equinox);
  if (longitude_type == "RA" && frame == "ICRS") return {Kind::Icrs, 0};  // whatever its equinox
  if (longitude_type == "RA" && frame == "FK5") return {Kind::Fk5, checked_equinox(equinox, 2000.0)};
  if (longitude_type == "RA" && frame.starts_with("FK4")) {
    return {Kind::Fk4, checked_equinox(equinox, 1950.0)};
  }
  throw Error{ErrorKind::Rejected,
              fmt::format("the plate's coordinates are of the type {}, which is not understood", longitude_type)};
}

FramePosition CelestialFrame::from_icrs(const IcrsPosition& position) const {
  if (kind_ == Kind::Icrs) return {position.ra.as_degrees(), position.dec.as_degrees()};
  const Radians icrs{position.ra.as_radians(), position.dec.as_radians()};
  Radians found = icrs;
  double day = 0, fraction = 0;
  switch (kind_) {
    case Kind::Icrs:
      break;
    case Kind::Fk5:
      found = rotated(fk5_precession(equinox_), icrs, false);
      break;
    case Kind::Fk4:
      found = fk4_from_icrs(icrs, equinox_);
      break;
    case Kind::Galactic:
      eraIcrs2g(icrs.longitude, icrs.latitude, &found.longitude, &found.latitude);
      break;
    case Kind::Ecliptic:
      eraEpj2jd(equinox_, &day, &fraction);
      eraEqec06(day, fraction, icrs.longitude, icrs.latitude, &found.longitude, &found.latitude);
      break;
  }
  return {positive_turn(found.longitude / kDegree), found.latitude / kDegree};
}

IcrsPosition CelestialFrame::to_icrs(const FramePosition& position) const {
  const Radians given{position.longitude * kDegree, position.latitude * kDegree};
  Radians icrs = given;
  double day = 0, fraction = 0;
  switch (kind_) {
    case Kind::Icrs:
      return IcrsPosition::at(Angle::degrees(positive_turn(position.longitude)), Angle::degrees(position.latitude));
    case Kind::Fk5:
      icrs = rotated(fk5_precession(equinox_), given, true);
      break;
    case Kind::Fk4:
      icrs = icrs_from_fk4(given, equinox_);
      break;
    case Kind::Galactic:
      eraG2icrs(given.longitude, given.latitude, &icrs.longitude, &icrs.latitude);
      break;
    case Kind::Ecliptic:
      eraEpj2jd(equinox_, &day, &fraction);
      eraEceq06(day, fraction, given.longitude, given.latitude, &icrs.longitude, &icrs.latitude);
      break;
  }
  return IcrsPosition::at(Angle::degrees(positive_turn(icrs.longitude / kDegree)),
                          Angle::degrees(std::clamp(icrs.latitude / kDegree, -90.0, 90.0)));
}

}  // namespace platefs::vo
