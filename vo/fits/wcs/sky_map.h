// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "vo/base/sky.h"
#include "vo/fits/hdu/header.h"

namespace platefs::vo {

class CelestialFrame;
class WcsCards;
struct SkyDescription;

/// A place in an image as FITS counts: the centre of the first pixel is (1, 1).
struct Pixel {
  double x = 0;
  double y = 0;
};

/// The celestial coordinates of an image's first two axes: every projection, rotation and parity, swapped axes, PC,
/// CD or CROTA, the distortions SIP, TPV (also SCAMP's by the name of TAN) and DSS, equatorial, galactic and ecliptic
/// axes (WCS papers I and II; wcslib). What counts of a header that holds more than one form is decided in
/// header.h. Axes behind the second stay at their reference pixel. One thread at a time may use an object.
class SkyMap {
 public:
  /// The first description of the header that makes a map. Frames are those of CelestialFrame (frame.h). Throws
  /// Error{Rejected} saying why: no celestial coordinates, an unknown frame, or cards from which no map can be made.
  static SkyMap from(const FitsHeader& header);
  /// All descriptions of the header that make a map, the primary one first: a plate that was exposed
  /// several times has one for each field. At least one, or throws as `from`.
  static std::vector<SkyMap> all_from(const FitsHeader& header);

  SkyMap(SkyMap&&) noexcept;
  SkyMap& operator=(SkyMap&&) noexcept;
  ~SkyMap();

  /// The letter of its description: ' ' of the primary one, else 'A' to 'Z'.
  char letter() const;
  /// Sentences for a reader of what was taken for something else, such as the unit of an axis.
  const std::vector<std::string>& remarks() const;
  /// The longer side of a pixel by the linear part of the description alone.
  Angle linear_scale() const;
  /// The reference pixel, CRPIX, and where it lies.
  Pixel reference() const;
  std::optional<IcrsPosition> reference_position() const;
  bool is_zenithal() const;

  /// Empty where the projection or the distortion's inverse has no value.
  std::optional<Pixel> pixel_of(const IcrsPosition& position) const;
  std::vector<std::optional<Pixel>> pixels_of(std::span<const IcrsPosition> positions) const;
  std::optional<IcrsPosition> position_of(const Pixel& pixel) const;
  std::vector<std::optional<IcrsPosition>> positions_of(std::span<const Pixel> pixels) const;

  /// On a cylindrical projection: the step in pixels that leads once around the sky, to the same
  /// position. A header may place the image on another turn than pixel_of does.
  std::optional<Pixel> turn() const;

 private:
  struct Map;
  explicit SkyMap(std::unique_ptr<Map> map);
  friend std::vector<SkyDescription> descriptions_of(const FitsHeader& header);
  static SkyMap of(const FitsHeader& header, const WcsCards& description);
  bool reaches_its_reference_pixel() const;
  bool has_distortion() const;
  void verify(std::span<const IcrsPosition> positions, std::vector<std::optional<Pixel>>& pixels) const;
  bool lies_at(const Pixel& pixel, const IcrsPosition& position) const;
  std::optional<Pixel> solved(const IcrsPosition& target, Pixel pixel) const;
  std::optional<Pixel> offset_of(const Pixel& pixel, const IcrsPosition& target) const;
  std::vector<std::optional<Pixel>> one_by_one(std::span<const IcrsPosition> positions) const;

  std::unique_ptr<Map> map_;
};

/// One of a header's WCS descriptions.
struct SkyDescription {
  char letter = ' ';  ///< ' ' is the primary one, else 'A' to 'Z'
  std::optional<SkyMap> map;
  std::string reason;  ///< where there is no map: why not, naming the cards
};

/// All descriptions of the header, the primary one first (also where it has no card), then by letter.
std::vector<SkyDescription> descriptions_of(const FitsHeader& header);

}  // namespace platefs::vo
