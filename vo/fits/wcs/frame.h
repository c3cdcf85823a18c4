// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "vo/base/sky.h"
#include "vo/fits/hdu/header.h"

namespace platefs::vo {

/// Longitude and latitude in some celestial frame, in degrees.
struct FramePosition {
  double longitude = 0;
  double latitude = 0;
};

/// The celestial frame of an image's coordinates (WCS paper II §3; FITS 4.0 §8.3), to tell where a
/// position in it lies in ICRS. Good to some 0.1 arcsec, which is to choose pixels by; what a cutout's
/// header says is not touched by it. Value type.
class CelestialFrame {
 public:
  /// The frame of the description `alternative` (" " or "A" to "Z") whose longitude axis is of type
  /// `longitude_type` ("RA", "GLON", "ELON"). A header that names neither frame nor equinox is ICRS,
  /// one with an equinox alone is FK4 before 1984 and FK5 since; likewise one that names a frame in words
  /// that are not understood (vo/base/words.h). The old RADECSYS and EPOCH speak of the primary description alone, as
  /// wcslib and astropy read them; but EPOCH only where it is one of the equinoxes in use (1855, 1875, 1900 ... 2000),
  /// since plates have their date under it, which those two and wcstools precess by. Throws Error{Rejected} for a
  /// longitude of another kind.
  static CelestialFrame of(const FitsHeader& header, std::string_view alternative, std::string_view longitude_type);

  /// ICRS is taken for the FK5 of J2000 (they agree to 0.03 arcsec), and FK4-NO-E for FK4 (0.4).
  FramePosition from_icrs(const IcrsPosition& position) const;
  IcrsPosition to_icrs(const FramePosition& position) const;

 private:
  enum class Kind { Icrs, Fk5, Fk4, Galactic, Ecliptic };
  CelestialFrame(Kind kind, double equinox) : kind_(kind), equinox_(equinox) {}

  Kind kind_;
  double equinox_;  ///< years: Besselian of FK4, else Julian
};

/// EPOCH where it means an equinox: one of those in use. Plates have their date under it.
std::optional<double> equinox_by_epoch(const FitsHeader& header);

/// RADESYS as the standard says it is for a header of equatorial coordinates that does not name it:
/// "ICRS", "FK5" or "FK4".
std::string default_frame_name(const FitsHeader& header);

/// Spells RADESYS and EQUINOX of all equatorial descriptions in words of the standard ('fk5', 'J2000'); a frame that is
/// not understood is named as what it is taken for, and EQUINOX is that of the frame, for wcstools goes by it alone.
/// Returns what to tell in HISTORY.
std::vector<std::string> spell_frames(FitsHeader& header);

}  // namespace platefs::vo
