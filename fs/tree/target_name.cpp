// SPDX-License-Identifier: BSD-3-Clause
#include "fs/tree/target_name.h"

#include <fmt/core.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cmath>
#include <optional>
#include <vector>

#include "fs/tree/reserved_names.h"
#include "vo/base/ascii.h"
#include "vo/base/error.h"

namespace platefs::fs {
namespace {

using vo::Angle;
using vo::IcrsPosition;
using vo::trimmed;

constexpr double kLargestRadiusDegrees = 10.0;

// A dot with letters behind it up to the end is an extension; one with digits is a decimal point.
bool has_extension(std::string_view name) {
  const auto dot = name.rfind('.');
  if (dot == std::string_view::npos || dot + 1 == name.size()) return dot != std::string_view::npos;
  const auto tail = name.substr(dot + 1);
  return std::isalpha(static_cast<unsigned char>(tail.front())) != 0 &&
         std::all_of(tail.begin(), tail.end(), [](unsigned char c) { return std::isalnum(c) != 0; });
}

/// The name with what word processors write replaced by what keyboards have.
std::string with_plain_signs(std::string_view name) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 11> signs{{{"\u2212", "-"},
                                                                                 {"\u2013", "-"},
                                                                                 {"\u00a0", " "},
                                                                                 {"\u00b0", "d"},
                                                                                 {"\u2032", "m"},
                                                                                 {"\u2033", "s"},
                                                                                 {"\u02b0", "h"},
                                                                                 {"\u1d50", "m"},
                                                                                 {"\u02e2", "s"},
                                                                                 {"'", "m"},
                                                                                 {"\"", "s"}}};
  std::string plain{name};
  for (const auto& [sign, keyed] : signs) {
    for (auto at = plain.find(sign); at != std::string::npos; at = plain.find(sign, at)) {
      plain.replace(at, sign.size(), keyed);
    }
  }
  return plain;
}

std::optional<double> number(std::string_view text) {
  const bool plain =
      !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return vo::is_digit(c) || c == '.'; });
  double value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (!plain || problem != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// Both halves of a pair of coordinates; the second keeps its sign.
struct Halves {
  std::string_view first, second;
};

/// Without a sign or comma, equal numbers of words belong to both: "10 24 02.7 48 08 51".
std::optional<Halves> split_words(std::string_view text) {
  const auto blanks = std::count(text.begin(), text.end(), ' ');
  if (blanks != 1 && blanks != 3 && blanks != 5) return std::nullopt;
  std::size_t at = text.find(' ');
  for (auto i = blanks / 2; i > 0; --i) at = text.find(' ', at + 1);
  return Halves{trimmed(text.substr(0, at)), trimmed(text.substr(at + 1))};
}

std::optional<Halves> split_pair(std::string_view text) {
  auto at = text.find_first_of("+-", 1);
  if (at != std::string_view::npos) {
    auto first = trimmed(text.substr(0, at));
    if (first.ends_with(',')) first.remove_suffix(1);
    return Halves{trimmed(first), trimmed(text.substr(at))};
  }
  at = text.find(',');
  if (at == std::string_view::npos) return split_words(text);
  return Halves{trimmed(text.substr(0, at)), trimmed(text.substr(at + 1))};
}

/// Whole, minutes, seconds of a sexagesimal number; empty when it is none.
using Sexagesimal = std::vector<double>;

/// `marks` may stand behind each part; a blank behind a mark ("10h 24m") adds none.
std::optional<Sexagesimal> separated_by(std::string_view text, std::string_view marks) {
  Sexagesimal parts;
  while (!text.empty() && parts.size() < 3) {
    const auto end = std::min(text.find_first_of(marks), text.size());
    const auto part = number(text.substr(0, end));
    if (!part) return std::nullopt;
    parts.push_back(*part);
    text = trimmed(text.substr(std::min(end + 1, text.size())));
  }
  if (parts.size() < 2 || !text.empty()) return std::nullopt;
  return parts;
}

std::string_view whole_part(std::string_view text) { return text.substr(0, text.find('.')); }

// HHMMSS.s without separators, as in designations: J102402.7+480851.
std::optional<Sexagesimal> packed(std::string_view text) {
  const auto whole = whole_part(text);
  if (whole.size() != 6 && whole.size() != 4) return std::nullopt;
  Sexagesimal parts;
  for (std::size_t at = 0; at < whole.size(); at += 2) {
    const bool is_last = at + 2 >= whole.size();
    const auto part = number(text.substr(at, is_last ? std::string_view::npos : 2));
    if (!part) return std::nullopt;
    parts.push_back(*part);
  }
  return parts;
}

/// Degrees don't have six digits in front of the point.
bool is_packed_without_j(const Halves& halves) {
  auto dec = halves.second;
  if (!dec.empty()) dec.remove_prefix(1);
  return whole_part(halves.first).size() == 6 && whole_part(dec).size() == 6;
}

/// Decimal degrees, with a degree sign behind or not.
std::optional<double> decimal_degrees(std::string_view text) {
  if (text.ends_with('d')) text.remove_suffix(1);
  return number(text);
}

/// Throws Error{Rejected}: it was meant as a place, but is none.
double value_of(const Sexagesimal& parts) {
  double value = 0, unit = 1;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i > 0 && parts[i] >= 60.0) {
      throw vo::Error{vo::ErrorKind::Rejected, fmt::format("{} minutes or seconds are not below 60", parts[i])};
    }
    value += parts[i] / unit;
    unit *= 60.0;
  }
  return value;
}

enum class Form { Decimal, Separated, Packed };

std::optional<Sexagesimal> sexagesimal(std::string_view text, Form form, std::string_view marks) {
  return form == Form::Packed ? packed(text) : separated_by(text, marks);
}

/// Right ascension and declination in degrees before they are checked to be on the sphere.
struct Degrees {
  double ra = 0, dec = 0;
};

std::optional<Degrees> degrees_of(const Halves& halves, Form form) {
  auto dec_text = halves.second;
  double sign = 1;
  if (!dec_text.empty() && (dec_text.front() == '+' || dec_text.front() == '-')) {
    sign = dec_text.front() == '-' ? -1 : 1;
    dec_text.remove_prefix(1);
  }
  if (form == Form::Decimal) {
    const auto ra = decimal_degrees(halves.first), dec = decimal_degrees(dec_text);
    if (!ra || !dec) return std::nullopt;
    return Degrees{*ra, sign * *dec};
  }
  const auto hours = sexagesimal(halves.first, form, ":hms ");
  const auto degrees = sexagesimal(dec_text, form, ":dms ");
  if (!hours || !degrees) return std::nullopt;
  return Degrees{value_of(*hours) * 15.0, sign * value_of(*degrees)};
}

std::optional<Degrees> coordinates(std::string_view spelled) {
  auto text = vo::lower_case(trimmed(spelled));
  const bool designation = text.size() > 1 && text.front() == 'j' && vo::is_digit(text[1]);
  if (designation) text.erase(0, 1);
  if (text.empty() || !vo::is_digit(text.front())) return std::nullopt;
  const auto halves = split_pair(text);
  if (!halves) return std::nullopt;
  if (designation || is_packed_without_j(*halves)) {
    if (auto found = degrees_of(*halves, Form::Packed)) return found;
  } else if (auto found = degrees_of(*halves, Form::Decimal)) {
    return found;
  }
  return degrees_of(*halves, Form::Separated);
}

/// Eleven decimals: finer than any place is known, coarser than what is lost in arithmetic.
double settled(double degrees) {
  constexpr double kSteps = 1e11;
  return std::round(degrees * kSteps) / kSteps + 0.0;  // -0 becomes 0
}

IcrsPosition position_of(const Degrees& degrees) {
  // Checked as written: 360 is a typing mistake, what is rounded up to 360 is the same place as 0.
  const auto written = IcrsPosition::at(Angle::degrees(degrees.ra), Angle::degrees(degrees.dec));
  const double ra = settled(written.ra.as_degrees());
  return IcrsPosition::at(Angle::degrees(ra >= 360.0 ? 0.0 : ra), Angle::degrees(settled(written.dec.as_degrees())));
}

std::optional<Angle> radius_of(std::string_view text) {
  if (text.size() < 2) return std::nullopt;
  const auto value = number(text.substr(0, text.size() - 1));
  if (!value || *value <= 0) return std::nullopt;
  std::optional<Angle> radius;
  if (text.back() == 'd') radius = Angle::degrees(*value);
  if (text.back() == 'm') radius = Angle::arcminutes(*value);
  if (text.back() == 's') radius = Angle::arcseconds(*value);
  if (radius && radius->as_degrees() > kLargestRadiusDegrees) return std::nullopt;
  return radius;
}

/// "1890-1920". Throws Error{Rejected} where the last is before the first.
std::optional<Years> years_of(std::string_view text) {
  constexpr std::size_t kDigits = 4;
  const auto is_year = [](std::string_view word) { return std::ranges::all_of(word, vo::is_digit); };
  if (text.size() != 2 * kDigits + 1 || text[kDigits] != '-') return std::nullopt;
  const auto first = text.substr(0, kDigits), last = text.substr(kDigits + 1);
  if (!is_year(first) || !is_year(last)) return std::nullopt;
  const Years years{std::stoi(std::string{first}), std::stoi(std::string{last})};
  if (years.first > years.last) {
    throw vo::Error{vo::ErrorKind::Rejected, fmt::format("'{}': the years end before they begin", text)};
  }
  return years;
}

/// A name without what stands behind '@', and that.
struct Suffixes {
  std::string_view place;
  std::optional<Angle> radius;
  std::optional<Years> years;
};

/// Throws Error{Rejected} for what is neither.
Suffixes suffixes_of(std::string_view spelled) {
  Suffixes found{spelled, {}, {}};
  for (auto mark = spelled.rfind('@'); mark != std::string_view::npos; mark = found.place.rfind('@')) {
    const auto word = found.place.substr(mark + 1);
    const auto years = years_of(word);
    const auto radius = radius_of(word);
    if ((!years && !radius) || (years && found.years) || (radius && found.radius)) {
      throw vo::Error{vo::ErrorKind::Rejected,
                      fmt::format("'{}' is no radius such as 20m, 0.5d or 90s, at most {}d, and no years such as "
                                  "1890-1920",
                                  word, kLargestRadiusDegrees)};
    }
    if (years) found.years = years;
    if (radius) found.radius = radius;
    found.place = found.place.substr(0, mark);
  }
  return found;
}

/// Nothing but what coordinates are made of. "4C+01.02" and "2MASS J1024+4808" are names.
bool is_meant_as_place(std::string_view plain) {
  constexpr std::string_view marks = "0123456789+-., :hdms";
  return vo::is_digit(plain.front()) && plain.find_first_of("+-,", 1) != std::string_view::npos &&
         vo::lower_case(plain).find_first_not_of(marks) == std::string::npos;
}

/// Half of a place: "156.011", "10:24:02.7", "10h24m02.7s", also with a sign behind.
bool lacks_declination(std::string_view plain) {
  if (plain.ends_with('+') || plain.ends_with('-')) plain.remove_suffix(1);
  constexpr std::string_view marks = "0123456789.: hdms";
  return !plain.empty() && vo::is_digit(plain.front()) &&
         vo::lower_case(plain).find_first_not_of(marks) == std::string::npos &&
         plain.find_first_of(".:hd") != std::string_view::npos;
}

/// '_' as a blank, and single blanks: the same object however its name is written.
std::string with_single_blanks(std::string_view name) {
  std::string plain{name};
  std::replace(plain.begin(), plain.end(), '_', ' ');
  plain.erase(std::unique(plain.begin(), plain.end(), [](char a, char b) { return a == ' ' && b == ' '; }),
              plain.end());
  return std::string{trimmed(plain)};
}

/// Shortest decimals that give the number back, never with an exponent: names have none.
std::string decimal(double degrees) {
  std::array<char, 400> text{};
  const auto [end, problem] = std::to_chars(text.data(), text.data() + text.size(), degrees, std::chars_format::fixed);
  return {text.data(), end};
}

/// The shortest of "0.5d", "30m", "1800s" that is read as the same radius.
std::string radius_text(Angle radius) {
  auto shortest = decimal(radius.as_degrees()) + "d";
  for (const auto& [value, unit] : {std::pair{radius.as_arcminutes(), 'm'}, std::pair{radius.as_arcseconds(), 's'}}) {
    auto text = decimal(std::round(value * 1e6) / 1e6) + unit;
    if (text.size() <= shortest.size() && radius_of(text) == radius) shortest = std::move(text);
  }
  return shortest;
}

std::string with_suffixes(std::string name, const Target& target) {
  if (!target.radius_is_default) name += "@" + radius_text(target.radius);
  if (target.years) name += fmt::format("@{:04}-{:04}", target.years->first, target.years->last);
  return name;
}

std::string place_name(const IcrsPosition& position) {
  const double dec = position.dec.as_degrees();
  return fmt::format("{}{}{}", decimal(position.ra.as_degrees()), std::signbit(dec) ? "-" : "+",
                     decimal(std::fabs(dec)));
}

std::string with_radius(std::string name, const Target& target) {
  if (!target.radius_is_default) name += fmt::format("@{}d", decimal(target.radius.as_degrees()));
  return name;
}

}  // namespace

std::string Target::canonical_name() const { return with_radius(place_name(position), *this); }

std::string Target::title() const { return with_suffixes(object.empty() ? place_name(position) : object, *this); }

std::string Target::directory_name() const {
  auto name = title();
  std::replace(name.begin(), name.end(), ' ', '_');
  return name;
}

std::variant<Target, NoTarget, ObjectName> parse_target(std::string_view spelled, Angle default_radius) {
  if (spelled.starts_with('.')) return NoTarget{"a hidden file", false};
  if (is_noise(spelled.substr(0, spelled.find('@'))))
    return NoTarget{"a name that programs look for everywhere", false};
  try {
    const auto [place, radius, years] = suffixes_of(spelled);
    const bool is_default = !radius || *radius == default_radius;
    const auto plain = with_plain_signs(place);
    if (const auto degrees = coordinates(plain)) {
      return Target{position_of(*degrees), radius.value_or(default_radius), is_default, {}, years};
    }
    if (lacks_declination(plain)) return NoTarget{"the declination is missing: 156.011+48.148", true};
    if (has_extension(place)) return NoTarget{"a name with a file extension", false};
    if (is_meant_as_place(plain)) return NoTarget{"coordinates in no known form", true};
    if (!may_be_object(place)) return NoTarget{"a name that no catalogue gives an object", false};
    return ObjectName{with_single_blanks(place), radius.value_or(default_radius), is_default, years};
  } catch (const vo::Error& error) {
    return NoTarget{error.message(), true};
  }
}

}  // namespace platefs::fs
