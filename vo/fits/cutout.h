// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "vo/base/sky.h"
#include "vo/fits/hdu/source.h"
#include "vo/fits/wcs/check.h"
#include "vo/fits/wcs/choice.h"
#include "vo/fits/wcs/pixel_box.h"

namespace platefs::vo {

/// What the archive said about a plate and who makes the cutout; written into its header. Times are
/// MJD in UTC; one without a fraction is a date and claims no time of day.
struct CutoutProvenance {
  std::string source_did;
  std::string archive;
  std::string source_url;  ///< without credentials
  std::string region;      ///< what was asked for, in words of a standard: "CIRCLE ICRS 10.5 41.2 0.1"
  std::string platefs_version;
  std::optional<double> t_min;
  std::optional<double> t_max;
  std::optional<double> exptime_seconds;
  std::vector<std::string> remarks = {};    ///< further HISTORY about how the cutout came to be
  ImageFacts facts = {};                    ///< against which the header's coordinates are checked
  ExposureCentres centres = {};             ///< which of the plate's exposures it is
  std::optional<IcrsPosition> target = {};  ///< gives OBJECT its name
};

/// Which pixels of a plate a cone takes.
struct CutoutSection {
  ConePixels cone;
  std::int64_t image_width = 0;
  std::int64_t image_height = 0;
  std::vector<std::string> remarks = {};  ///< about the coordinates: SkyMap::remarks

  /// Whether the image holds nothing but the section: cutting would give the same pixels.
  bool is_whole_image() const { return cone.box == PixelBox{1, image_width, 1, image_height}; }
};

struct FitsCutout {
  std::vector<std::byte> file;  ///< a complete FITS file
  CutoutSection section;
};

/// Cuts the surroundings of a target out of the image in a plate's file, all planes of it. From an
/// uncompressed image only headers and the wanted rows' segments are read, from a tile-compressed
/// one the descriptors and bytes of the tiles that the section touches, in batches of 16 MiB at
/// most. A gzip-ed file (gzip_source.h) is read from its beginning to the last row that is wanted,
/// and HISTORY says so.
///
/// Of several WCS descriptions the one counts that covers the target and is centred nearest to the exposure's own
/// centre (wcs/choice.h); it is the primary one of the cutout.
///
/// The result has one HDU. Pixels are as stored: same BITPIX, BSCALE, BZERO and BLANK. Every card
/// of the plate that is still true stays in its place and form; see cutout_header.h. The same
/// arguments always give the same bytes. Throws Error{Rejected}: target off the plate, coordinates
/// that are none, unknown or implausible (wcs/check.h), a cutout above 1 GiB; Error{Malformed}: no valid FITS image.
/// `on_size` hears the size of the file as soon as the headers were read, before any pixel is.
FitsCutout cut(
    FitsSource& source, const Cone& cone, const CutoutProvenance& provenance,
    const std::function<void(std::uint64_t)>& on_size = [](std::uint64_t) {});

/// Makes of a cutout that an archive made what was asked for: one that is larger is cut, one that
/// is smaller at both ends of an axis gets a HISTORY that says so (at one end alone it is the plate
/// that ends). Empty when it is as asked, give or take two pixels at each side, and so to be served
/// as it came; a packed one never is, nor one whose primary WCS description is another exposure's. Throws as `cut`.
std::optional<FitsCutout> trimmed(FitsSource& answer, const Cone& cone, const CutoutProvenance& provenance);

/// Whether an archive's cutout ends before the region does at both ends of an axis, by more than two pixels. Throws
/// as `cut`.
bool falls_short(FitsSource& answer, const Cone& cone, const ExposureCentres& centres = {});

/// The section that `cut` would take, from headers alone. Throws as `cut`.
CutoutSection section_of(FitsSource& source, const Cone& cone);

/// What a cutout that was made here says of the exposure that it shows: the letter of the plate's WCS description, or
/// "primary". Empty for other files.
std::string exposure_told(FitsSource& cutout);

/// Judges an image that somebody else made: throws Error{Malformed} unless it is a complete FITS
/// file with an image, Error{Rejected} unless its coordinates put the target on that image.
void check_cutout(FitsSource& source, const IcrsPosition& target);

}  // namespace platefs::vo
