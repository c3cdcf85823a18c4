// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <optional>
#include <string>

#include "vo/http_message.h"
#include "vo/sky.h"
#include "vo/votable.h"

namespace platefs::vo {

/// The request that asks `service` (SODA 1.0) for the surroundings of `region`: GET, every number in
/// shortest round-trip decimals. Parameters are matched by name (nobody's UCDs agree); only declared
/// ones are sent, fixed values always, ID as the descriptor says, else `publisher_did`. Preference:
/// CIRCLE, POS (CIRCLE), POLYGON (a circumscribed polygon). RA/DEC and RANGE are not used: services
/// cut them by two corners, wrong on rotated plates.
/// Throws Error{Rejected} when the service declares no parameter for a region, or needs one we can't
/// know.
http::Request soda_request(const ServiceDescriptor& service, const std::string& publisher_did,
                           const Cone& region);

/// The DALI/SODA text "ra dec radius" in degrees.
std::string circle_text(const Cone& cone);

}  // namespace platefs::vo
