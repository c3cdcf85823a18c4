// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "vo/base/sky.h"

namespace platefs::fs {

/// Calendar years, both included.
struct Years {
  int first = 0, last = 0;

  bool operator==(const Years&) const = default;
};

/// A place on the sky as a directory: what to look for, and how large a cutout is to be.
struct Target {
  vo::IcrsPosition position;
  vo::Angle radius;
  bool radius_is_default = true;
  std::string object = {};          ///< "M 31" when it was given by name; else empty
  std::optional<Years> years = {};  ///< the plates of these alone

  /// "156.011+48.148" or "156.011+48.148@0.5d": the same for every spelling of the place, whatever the years; parses
  /// back to the same place and radius. Degrees in shortest decimals that give the same number back. It is part of keys
  /// that last: its form never changes.
  std::string canonical_name() const;
  /// The directory to show a person: "M_31@30m@1890-1920" when the place was given by name, else by coordinates. Parses
  /// back to the same target.
  std::string directory_name() const;
  /// The same for texts, with blanks: "M 31@30m@1890-1920".
  std::string title() const;
};

/// A name that is no target, and why.
struct NoTarget {
  std::string reason;
  bool worth_logging = false;  ///< it was meant as a place: 400+95
};

/// The name of an object, for a resolver: '_' stands for a blank, blanks are single.
struct ObjectName {
  std::string name;
  vo::Angle radius;
  bool radius_is_default = true;
  std::optional<Years> years = {};

  Target at(const vo::IcrsPosition& position) const { return {position, radius, radius_is_default, name, years}; }
};

/// What a name in the mount's root means; asks nobody. Coordinates are ICRS: decimal degrees
/// "156.011+48.148" (also with a blank or comma between), sexagesimal "J102402.7+480851",
/// "102402.7+480851", "10:24:02.7+48:08:51", "10h24m02.7s+48d08m51s", "10 24 02.7 +48 08 51", also with
/// the signs for degrees, minutes and seconds. A designation is a place whether its maker rounded the
/// digits or, as the IAU wants it, cut them off. "@20m", "@0.5d", "@90s" behind is the radius,
/// "@1890-1920" the years.
/// Places closer than 1e-11 degrees are the same, so that arithmetic does not tell two spellings apart.
/// Names that programs look for everywhere (is_noise, "x.fits") are no targets; neither is what no
/// catalogue would call an object.
std::variant<Target, NoTarget, ObjectName> parse_target(std::string_view name, vo::Angle default_radius);

}  // namespace platefs::fs
