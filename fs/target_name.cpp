// SPDX-License-Identifier: BSD-3-Clause
#include "fs/target_name.h"

#include <fmt/core.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cmath>
#include <optional>
#include <vector>

#include "vo/error.h"

namespace platefs::fs {
namespace {

using vo::Angle;
using vo::IcrsPosition;

constexpr double kLargestRadiusDegrees = 10.0;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// What shells, file managers, linkers and version control look up in any directory they meet.
bool is_noise(std::string_view name) {
  constexpr std::array<std::string_view, 12> known{"HEAD",    "CVS",     "RCS",     "SCCS",
                                                   "objects", "refs",    "info",    "tls",
                                                   "x86_64",  "haswell", "Makefile", "node_modules"};
  return name.empty() || name.front() == '.' || name.front() == '_' || name.front() == '~' ||
         name.ends_with('~') || name == "lost+found" || name.starts_with("core.") ||
         std::find(known.begin(), known.end(), name) != known.end();
}

// A dot with letters behind it up to the end is an extension; one with digits is a decimal point.
bool has_extension(std::string_view name) {
  const auto dot = name.rfind('.');
  if (dot == std::string_view::npos || dot + 1 == name.size()) return dot != std::string_view::npos;
  const auto tail = name.substr(dot + 1);
  return std::isalpha(static_cast<unsigned char>(tail.front())) != 0 &&
         std::all_of(tail.begin(), tail.end(), [](unsigned char c) { return std::isalnum(c) != 0; });
}

/// U+2212, which word processors put for a minus sign.
std::string with_plain_minus(std::string_view name) {
  constexpr std::string_view minus = "\xe2\x88\x92";
  std::string plain{name};
  for (auto at = plain.find(minus); at != std::string::npos; at = plain.find(minus)) {
    plain.replace(at, minus.size(), "-");
  }
  return plain;
}

std::optional<double> number(std::string_view text) {
  const bool plain = !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return is_digit(c) || c == '.';
  });
  double value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (!plain || problem != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// Both halves of a pair of coordinates; the second keeps its sign.
struct Halves {
  std::string_view first, second;
};

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

std::optional<Halves> split_pair(std::string_view text) {
  auto at = text.find_first_of("+-", 1);
  if (at != std::string_view::npos) {
    auto first = trimmed(text.substr(0, at));
    if (first.ends_with(',')) first.remove_suffix(1);
    return Halves{trimmed(first), trimmed(text.substr(at))};
  }
  at = text.find(',');
  if (at == std::string_view::npos && std::count(text.begin(), text.end(), ' ') == 1) at = text.find(' ');
  if (at == std::string_view::npos) return std::nullopt;
  return Halves{trimmed(text.substr(0, at)), trimmed(text.substr(at + 1))};
}

/// Whole, minutes, seconds of a sexagesimal number; empty when it is none.
using Sexagesimal = std::vector<double>;

std::optional<Sexagesimal> separated_by(std::string_view text, std::string_view marks) {
  Sexagesimal parts;
  while (!text.empty() && parts.size() < 3) {
    const auto end = std::min(text.find_first_of(marks), text.size());
    const auto part = number(text.substr(0, end));
    if (!part) return std::nullopt;
    parts.push_back(*part);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  if (parts.size() < 2 || !text.empty()) return std::nullopt;
  return parts;
}

// HHMMSS.s without separators, as in designations: J102402.7+480851.
std::optional<Sexagesimal> packed(std::string_view text) {
  const auto whole = text.substr(0, text.find('.'));
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

std::optional<double> value_of(const Sexagesimal& parts) {
  double value = 0, unit = 1;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i > 0 && parts[i] >= 60.0) return std::nullopt;
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
    const auto ra = number(halves.first), dec = number(dec_text);
    if (!ra || !dec) return std::nullopt;
    return Degrees{*ra, sign * *dec};
  }
  const auto hours = sexagesimal(halves.first, form, ":hms ");
  const auto degrees = sexagesimal(dec_text, form, ":dms' \"");
  if (!hours || !degrees) return std::nullopt;
  const auto ra = value_of(*hours), dec = value_of(*degrees);
  // Minutes of 60 and more: meant as a place, but none. 999 is told as what is wrong.
  return Degrees{ra ? *ra * 15.0 : 999.0, dec ? sign * *dec : 999.0};
}

std::optional<Degrees> coordinates(std::string_view text) {
  const bool designation = text.size() > 1 && (text.front() == 'J' || text.front() == 'j') && is_digit(text[1]);
  if (designation) text.remove_prefix(1);
  if (text.empty() || !is_digit(text.front())) return std::nullopt;
  const auto halves = split_pair(text);
  if (!halves) return std::nullopt;
  if (designation) return degrees_of(*halves, Form::Packed);
  if (auto found = degrees_of(*halves, Form::Decimal)) return found;
  return degrees_of(*halves, Form::Separated);
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

bool is_meant_as_place(std::string_view name) {
  return is_digit(name.front()) && name.find_first_of("+-,", 1) != std::string_view::npos;
}

}  // namespace

std::string Target::canonical_name() const {
  const double dec = position.dec.as_degrees();
  auto name = fmt::format("{}{}{}", position.ra.as_degrees(), std::signbit(dec) ? "-" : "+", std::fabs(dec));
  if (!radius_is_default) name += fmt::format("@{}d", radius.as_degrees());
  return name;
}

std::variant<Target, NoTarget, ObjectName> parse_target(std::string_view spelled,
                                                        Angle default_radius) {
  const auto name = with_plain_minus(spelled);
  const auto mark = name.rfind('@');
  const auto place = std::string_view{name}.substr(0, mark);
  if (is_noise(place)) return NoTarget{"a name that programs look for everywhere", false};
  std::optional<Angle> radius;
  if (mark != std::string::npos) {
    radius = radius_of(std::string_view{name}.substr(mark + 1));
    if (!radius) {
      return NoTarget{fmt::format("'{}' is no radius such as 20m, 0.5d or 90s, at most {}d",
                                  name.substr(mark + 1), kLargestRadiusDegrees),
                      true};
    }
  }
  const auto degrees = coordinates(place);
  if (!degrees) {
    if (has_extension(place)) return NoTarget{"a name with a file extension", false};
    if (is_meant_as_place(place)) return NoTarget{"coordinates in no known form", true};
    return ObjectName{std::string{place}, radius.value_or(default_radius)};
  }
  try {
    const bool is_default = !radius || *radius == default_radius;
    return Target{IcrsPosition::at(Angle::degrees(degrees->ra), Angle::degrees(degrees->dec)),
                  radius.value_or(default_radius), is_default};
  } catch (const vo::Error& error) {
    return NoTarget{error.message(), true};
  }
}

}  // namespace platefs::fs
