// SPDX-License-Identifier: BSD-3-Clause
#include "vo/base/designation.h"

#include <fmt/format.h>

#include <cmath>
#include <cstdint>

namespace platefs::vo {
namespace {

/// What is written with all digits may be stored a hair below itself.
constexpr double kHair = 1e-6;

std::int64_t truncated(double units) { return static_cast<std::int64_t>(std::floor(units + kHair)); }

}  // namespace

std::string designation(const IcrsPosition& position) {
  const auto hundredths = truncated(position.ra.as_degrees() * (3600.0 * 100.0 / 15.0)) % (24 * 3600 * 100);
  const auto tenths = truncated(std::abs(position.dec.as_degrees()) * 36000.0);
  return fmt::format("J{:02}{:02}{:02}.{:02}{}{:02}{:02}{:02}.{}", hundredths / 360000, hundredths / 6000 % 60,
                     hundredths / 100 % 60, hundredths % 100, position.dec.as_degrees() < 0 ? '-' : '+', tenths / 36000,
                     tenths / 600 % 60, tenths / 10 % 60, tenths % 10);
}

}  // namespace platefs::vo
