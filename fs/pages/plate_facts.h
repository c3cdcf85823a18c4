// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <optional>
#include <string>

#include "vo/base/sky.h"
#include "vo/services/obscore.h"

namespace platefs::fs {

/// Distance of the image's centre (s_ra, s_dec) from `place`; nothing when it has none on the sphere.
std::optional<vo::Angle> separation_from(const vo::Plate& plate, const vo::IcrsPosition& place);

/// "45 s", "35 min", "2.5 h" for a person; seconds in.
std::string duration_text(double seconds);
/// "12″", "7.5′", "1.25°" for a person.
std::string angle_text(vo::Angle angle);
/// "10h24m02.7s +48°08′51″": rounded, for a person.
std::string sexagesimal_text(const vo::IcrsPosition& position);

}  // namespace platefs::fs
