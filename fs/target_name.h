// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "vo/sky.h"

namespace platefs::fs {

/// A place on the sky as a directory: what to look for, and how large a cutout is to be.
struct Target {
  vo::IcrsPosition position;
  vo::Angle radius;
  bool radius_is_default = true;

  /// "156.011+48.148" or "156.011+48.148@0.5d": the same for every spelling of the place; parses back to
  /// the same target. Degrees in shortest decimals that give the same number back.
  std::string canonical_name() const;
};

/// A name that is no target, and why.
struct NoTarget {
  std::string reason;
  bool worth_logging = false;                        ///< it was meant as a place: 400+95
};

/// The name of an object, for a resolver.
struct ObjectName {
  std::string name;
  vo::Angle radius;
};

/// What a name in the mount's root means; asks nobody. Coordinates are ICRS: decimal degrees
/// "156.011+48.148" (also with a blank or comma between), sexagesimal "J102402.7+480851",
/// "10:24:02.7+48:08:51", "10h24m02.7s+48d08m51s"; "@20m", "@0.5d", "@90s" behind is the radius.
/// Names that programs look for everywhere (".git", "autorun.inf", "HEAD", "x.fits") are no targets.
std::variant<Target, NoTarget, ObjectName> parse_target(std::string_view name,
                                                        vo::Angle default_radius);

}  // namespace platefs::fs
