// SPDX-License-Identifier: BSD-3-Clause
#include "vo/fits/aligned/aligned_frame.h"

#include <fmt/core.h>

#include <utility>

#include "vo/fits/aligned/frame_bytes.h"
#include "vo/fits/hdu/card.h"
#include "vo/fits/pixel_cards.h"

namespace platefs::vo {
namespace {

bool is_commentary(std::string_view keyword) {
  return keyword == "HISTORY" || keyword == "COMMENT" || keyword == "CONTINUE" || keyword == "HIERARCH";
}

bool is_of_the_cutout(std::string_view keyword) {
  return (is_structural(keyword) && !is_commentary(keyword)) || (describes_pixels(keyword) && keyword != "BUNIT");
}

FitsHeader frame_header(const Resampled& image, const SkyGrid& grid, Kernel kernel, const std::string& version) {
  FitsHeader header;
  header.set_logical("SIMPLE", true, "conforms to the FITS standard");
  header.set_integer("BITPIX", -32, "32-bit floats");
  header.set_integer("NAXIS", 2);
  header.set_integer("NAXIS1", grid.size());
  header.set_integer("NAXIS2", grid.size());
  grid.describe(header);
  header.set_real("PIXRATIO", image.area, "area of a pixel over the plate's at the target");
  header.set_real("RTRESID", image.round_trip.as_arcseconds(), "[arcsec] largest residual sky - plate - sky");
  header.set_real("MAPERROR", image.interpolation_error, "[pixel] of the mapping between nodes, at most");
  auto kept = image.header;
  kept.remove_if(is_of_the_cutout);
  for (const auto& card : kept.cards()) header.append(card);
  const auto& box = image.section;
  header.append_commentary(
      "HISTORY", fmt::format("Resampled by platefs {} from section [{}:{},{}:{}] of the cutout, kernel {}{}", version,
                             box.x1, box.x2, box.y1, box.y2, name_of(kernel),
                             image.binning > 1 ? fmt::format(", of means of {0} x {0} pixels", image.binning) : ""));
  header.append_commentary("HISTORY", "By the plate's own solution. Sums over pixels times PIXRATIO are the cutout's");
  return header;
}

}  // namespace

std::vector<std::byte> aligned_frame(FitsSource& cutout, const Cone& cone, Kernel kernel, const ExposureTimes& times,
                                     const std::string& platefs_version) {
  const auto grid = SkyGrid::of_frames(cone);
  const auto image = resampled(cutout, grid, kernel);
  auto header = frame_header(image, grid, kernel, platefs_version);
  settle_dates(header, times);
  return frame_bytes(std::move(header), image.values);
}

}  // namespace platefs::vo
