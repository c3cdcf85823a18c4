// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "vo/base/sky.h"
#include "vo/fits/wcs/sky_map.h"

namespace platefs::demo {

/// The true astrometric solution of a generated plate: gnomonic projection, rotation, parity and a
/// distortion as SIP describes it (Shupe et al. 2005). Pixels as FITS counts them. Value type.
struct PlateSolution {
  /// How the header writes the matrix and the distortion: CD or CDELT with SIP; CD with the polynomial that SCAMP
  /// writes on TAN, or the same under its later name TPV.
  enum class Form { Cd, Cdelt, Scamp, Tpv };

  vo::IcrsPosition centre{vo::Angle::degrees(0), vo::Angle::degrees(0)};  ///< CRVAL
  vo::Pixel reference = {};                                               ///< CRPIX
  double scale_degrees = 0.001;                                           ///< of a pixel
  double rotation_degrees = 0;
  bool mirrored = false;
  double sip = 0;  ///< factor of the quadratic SIP terms, 1/pixel; 0: plain TAN
  Form form = Form::Cd;

  vo::IcrsPosition position_of(const vo::Pixel& pixel) const;
  /// For positions within 80 degrees of the centre.
  vo::Pixel pixel_of(const vo::IcrsPosition& position) const;
  /// The solution of an image in which `factor` x `factor` pixels became one.
  PlateSolution binned(int factor) const;
  /// FITS cards without trailing blanks, WCS paper II with the SIP or the TPV convention; of the description `letter`,
  /// which only a form without letterless cards may have ("" is the primary one).
  std::vector<std::string> cards(std::string_view letter = {}) const;
  /// Outline of the image on the sky, each side in `steps` pieces, as a closed chain of corners (the
  /// first is not repeated).
  std::vector<vo::IcrsPosition> outline(int width, int height, int steps) const;
};

}  // namespace platefs::demo
