// SPDX-License-Identifier: BSD-3-Clause
#include "vo/fits/aligned/blank_frame.h"

#include <fmt/core.h>

#include <algorithm>
#include <limits>
#include <vector>

#include "vo/base/designation.h"
#include "vo/fits/aligned/frame_bytes.h"
#include "vo/fits/aligned/sky_grid.h"

namespace platefs::vo {
namespace {

constexpr int kSide = 33;
constexpr auto kWidest = Angle::degrees(30);

FitsHeader blank_header(const SkyGrid& grid, const Cone& cone, const MissingImage& missing,
                        const std::string& version) {
  FitsHeader header;
  header.set_logical("SIMPLE", true, "conforms to the FITS standard");
  header.set_integer("BITPIX", -32, "32-bit floats");
  header.set_integer("NAXIS", 2);
  header.set_integer("NAXIS1", grid.size());
  header.set_integer("NAXIS2", grid.size());
  grid.describe(header);
  header.set_text("OBJECT", designation(cone.centre), "designation of the target's position");
  header.set_logical("PLACEHLD", true, "stands for an image that could not be had");
  settle_dates(header, missing.times);
  header.append_commentary("COMMENT", fmt::format("No image: {} can't be had, so this has no pixels.", missing.file));
  header.append_commentary("COMMENT", missing.why);
  header.append_commentary("HISTORY", fmt::format("Placeholder made by platefs {} for {} of the archive {}", version,
                                                  missing.did, missing.archive));
  return header;
}

}  // namespace

std::vector<std::byte> blank_frame(const Cone& cone, const MissingImage& missing, const std::string& platefs_version) {
  const Cone shown{cone.centre, std::min(cone.radius, kWidest)};
  const auto grid = SkyGrid::of_pictures(shown, kSide);
  return frame_bytes(blank_header(grid, cone, missing, platefs_version),
                     std::vector<float>(std::size_t{kSide} * kSide, std::numeric_limits<float>::quiet_NaN()));
}

}  // namespace platefs::vo
