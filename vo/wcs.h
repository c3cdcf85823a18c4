// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "vo/fits_header.h"
#include "vo/sky.h"

namespace platefs::vo {

/// A place in an image as FITS counts: the centre of the first pixel is (1, 1).
struct Pixel {
  double x = 0;
  double y = 0;
};

/// The celestial coordinates of an image's first two axes: every projection, rotation and parity,
/// swapped axes, PC, CD or CROTA, and the distortions SIP, TPV and DSS (WCS papers I and II;
/// wcslib). Axes behind the second stay at their reference pixel. One thread at a time may use an
/// object.
class SkyMap {
 public:
  /// Reads the primary description of the header, or the first alternative one that is celestial.
  /// Equatorial ICRS and FK5 of equinox 2000 count as the same. Throws Error{Rejected} saying why:
  /// no celestial coordinates, another frame or equinox, or values from which no map can be made.
  static SkyMap from(const FitsHeader& header);

  SkyMap(SkyMap&&) noexcept;
  SkyMap& operator=(SkyMap&&) noexcept;
  ~SkyMap();

  /// Empty where the projection or the distortion's inverse has no value.
  std::optional<Pixel> pixel_of(const IcrsPosition& position) const;
  std::vector<std::optional<Pixel>> pixels_of(std::span<const IcrsPosition> positions) const;
  std::optional<IcrsPosition> position_of(const Pixel& pixel) const;

 private:
  struct Map;
  explicit SkyMap(std::unique_ptr<Map> map);
  bool reaches_its_reference_pixel() const;
  std::vector<std::optional<Pixel>> one_by_one(std::span<const IcrsPosition> positions) const;

  std::unique_ptr<Map> map_;
};

}  // namespace platefs::vo
