// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <string_view>

#include "vo/services/own_protocol.h"

namespace platefs::vo {

/// The web API of Harvard's StarGlass for DASCH DR7 (https://dasch.cfa.harvard.edu/dr7/web-apis): questions and answers
/// in JSON. The service's URL is the base of its methods, ".../public/dasch/dr7" or, with a key, ".../full/dasch/dr7".
///
///   queryexps       every exposure and every solution of a plate at a place, one row each, as lines of CSV
///   cutout          one size whatever is wanted, as base64 of gzip of FITS
///   mosaic_package  where the whole scan lies, by a URL that lives minutes; it has no coordinates
///
/// The exposures of a plate share its identifier and its files. Those without an astrometric solution, and those of
/// plates that were not scanned, have no cutout: their column `unsolved` says why.
class StarGlass final : public OwnProtocol {
 public:
  explicit StarGlass(TapService service) : service_(std::move(service)) {}

  std::string plates_question(const IcrsPosition& position) const override;
  std::string plates_document(Transport& transport, const IcrsPosition& position,
                              const std::stop_token& stop) const override;
  std::string way_to_cutouts() const override { return "StarGlass"; }
  http::Request cutout_request(const PlateTable& table, const Plate& plate, const Cone& region) const override;
  std::optional<std::uint64_t> largest_wrapped_cutout() const override;
  std::string unwrapped_cutout(std::string_view answer) const override;
  std::string files_id(const Plate& plate) const override;
  std::string files_document(Transport& transport, const std::string& id, const std::stop_token& stop) const override;

 private:
  http::Request request(std::string_view method, std::string json) const;

  TapService service_;
};

/// What queryexps answered, as a VOTable with the columns of ObsCore and some of its own; lines that name no plate are
/// left out. Throws Error{Malformed} when it is no list of lines with a header, Error{Rejected} with what the service
/// says instead.
std::string starglass_exposures(std::string_view answer);

}  // namespace platefs::vo
