// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>

#include "vo/services/own_protocol.h"

namespace platefs::vo {

/// A form of a web server that cuts images out of surveys: a URL in which {ra}, {dec} and {size} stand in degrees,
/// {size_arcmin} and {size_arcsec} for the same side of the image, {width_pixels} for that in pixels of the survey, and
/// {plate} for the survey. No list of plates is asked for: each survey is one plate at each place where it has sky, of
/// an unknown date unless the survey has one. The form's answers are FITS files.
class CutoutTemplate final : public OwnProtocol {
 public:
  explicit CutoutTemplate(TapService service) : service_(std::move(service)) {}

  std::string plates_question(const IcrsPosition& position) const override;
  std::string plates_document(Transport& transport, const IcrsPosition& position,
                              const std::stop_token& stop) const override;
  std::string way_to_cutouts() const override { return "the cutout form"; }
  http::Request cutout_request(const PlateTable& table, const Plate& plate, const Cone& region) const override;

 private:
  TapService service_;
};

/// Throws Error{Rejected} with what is wrong with it: a name in braces that is none of the above, no place, no size.
void check_cutout_template(const std::string& url, const std::vector<Survey>& surveys);

}  // namespace platefs::vo
