// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "vo/fits_header.h"
#include "vo/sky.h"

struct wcsprm;

namespace platefs::vo {

class CelestialFrame;

/// A place in an image as FITS counts: the centre of the first pixel is (1, 1).
struct Pixel {
  double x = 0;
  double y = 0;
};

/// The celestial coordinates of an image's first two axes: every projection, rotation and parity,
/// swapped axes, PC, CD or CROTA, the distortions SIP, TPV and DSS, equatorial, galactic and ecliptic
/// axes (WCS papers I and II;
/// wcslib). Axes behind the second stay at their reference pixel. One thread at a time may use an
/// object.
class SkyMap {
 public:
  /// Reads the primary description of the header, or the first alternative one that is celestial.
  /// Frames are those of CelestialFrame (wcs_frame.h). Throws Error{Rejected} saying why: no
  /// celestial coordinates, an unknown frame, or values from which no map can be made.
  static SkyMap from(const FitsHeader& header);
  /// All descriptions of the header that make a map, the primary one first: a plate that was exposed
  /// several times has one for each field. At least one, or throws as `from`.
  static std::vector<SkyMap> all_from(const FitsHeader& header);

  SkyMap(SkyMap&&) noexcept;
  SkyMap& operator=(SkyMap&&) noexcept;
  ~SkyMap();

  /// Empty where the projection or the distortion's inverse has no value.
  std::optional<Pixel> pixel_of(const IcrsPosition& position) const;
  std::vector<std::optional<Pixel>> pixels_of(std::span<const IcrsPosition> positions) const;
  std::optional<IcrsPosition> position_of(const Pixel& pixel) const;

  /// On a cylindrical projection: the step in pixels that leads once around the sky, to the same
  /// position. A header may place the image on another turn than pixel_of does.
  std::optional<Pixel> turn() const;

 private:
  struct Map;
  explicit SkyMap(std::unique_ptr<Map> map);
  static SkyMap copy_of(const wcsprm& wcs, const CelestialFrame& frame);
  bool reaches_its_reference_pixel() const;
  bool has_distortion() const;
  void verify(std::span<const IcrsPosition> positions, std::vector<std::optional<Pixel>>& pixels) const;
  bool lies_at(const Pixel& pixel, const IcrsPosition& position) const;
  std::optional<Pixel> solved(const IcrsPosition& target, Pixel pixel) const;
  std::optional<Pixel> offset_of(const Pixel& pixel, const IcrsPosition& target) const;
  std::vector<std::optional<Pixel>> one_by_one(std::span<const IcrsPosition> positions) const;

  std::unique_ptr<Map> map_;
};

}  // namespace platefs::vo
