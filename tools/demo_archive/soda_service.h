// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string_view>

#include "tools/demo_archive/http.h"
#include "tools/demo_archive/plate_store.h"

namespace platefs::demo {

/// Cutouts (SODA 1.0 sync) of the full-resolution FITS by CIRCLE, POLYGON or POS; a polygon gets the
/// circle around it. 204 off the plate, text/plain "UsageError: …" with 400 for what it does not
/// understand, everything when no region is asked. Thread-safe.
class SodaService {
 public:
  explicit SodaService(const PlateStore& store) : store_(store) {}  ///< `store` outlives the service

  Answer answer(const Request& request, std::string_view folder) const;
  /// What forms of surveys look like: plate (its id), ra, dec and size in degrees, the side of the image. Whatever is
  /// wrong is told by a page with the status 200, as they do.
  Answer form(const Request& request) const;

 private:
  const PlateStore& store_;
};

}  // namespace platefs::demo
