// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <optional>

#include "vo/base/sky.h"
#include "vo/fits/hdu/header.h"
#include "vo/fits/wcs/sky_map.h"

namespace platefs::vo {

/// A square image of the sky around a target that is the same for every plate: gnomonic projection (TAN, WCS paper II
/// section 5.1.3) about the target, which is the centre of the middle pixel; north up, east left. It depends on the
/// cone alone, so that images which are made one by one, on different days, fit upon each other. Value type.
class SkyGrid {
 public:
  /// Of aligned frames: the cone's circle and the square about it, at most 1201 pixels a side, of the finest size among
  /// 0.5, 1, 1.5, 2, 3, 5, 7, 10, 15 ... arc seconds; finer than 0.5 no plate is. Throws Error{Rejected}: a radius
  /// above 30 degrees.
  static SkyGrid of_frames(const Cone& cone);
  /// Of pictures: the same square in an odd number of pixels.
  static SkyGrid of_pictures(const Cone& cone, int size);

  int size() const { return size_; }  ///< pixels a side, odd
  Angle pixel() const { return pixel_; }
  const IcrsPosition& centre() const { return centre_; }
  /// CRPIX of both axes.
  double reference() const { return (size_ + 1) / 2.0; }

  IcrsPosition position_of(const Pixel& pixel) const;
  /// Empty on the other half of the sky.
  std::optional<Pixel> pixel_of(const IcrsPosition& position) const;
  /// Gives the header the cards of this as its primary WCS description.
  void describe(FitsHeader& header) const;

 private:
  SkyGrid(const IcrsPosition& centre, int size, Angle pixel) : centre_(centre), size_(size), pixel_(pixel) {}

  IcrsPosition centre_;
  int size_;
  Angle pixel_;
};

}  // namespace platefs::vo
