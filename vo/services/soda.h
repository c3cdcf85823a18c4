// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "vo/base/sky.h"
#include "vo/http/message.h"
#include "vo/services/obscore.h"
#include "vo/services/tap_job.h"
#include "vo/votable/votable.h"

namespace platefs::vo {

/// The request that asks `service` (SODA 1.0) for the surroundings of `region`: GET, every number in
/// shortest round-trip decimals. Parameters are matched by name (nobody's UCDs agree); only declared
/// ones are sent, fixed values always, ID as the descriptor says, else `publisher_did`. Preference:
/// CIRCLE, POS (CIRCLE), POLYGON (a circumscribed polygon), at last intervals RA and DEC in degrees: a
/// box around the circle, somewhat larger, since services cut it by two of its corners and leave too
/// little of plates that are rotated. Not near a pole, nor across RA 0 unless MIN and MAX tell how the
/// service counts there. RANGE is not used: nothing would say that.
/// A service that declares no inputs but ID has those of the standard: CIRCLE.
/// Throws Error{Rejected} when the service declares no parameter for a region, or needs one we can't
/// know.
http::Request soda_request(const ServiceDescriptor& service, const std::string& publisher_did, const Cone& region);

/// The same question for one that answers by jobs (SODA 1.0 section 2.2): what to send to its list of jobs.
JobQuestion soda_job(const ServiceDescriptor& service, const std::string& publisher_did, const Cone& region);

/// The service answers by jobs alone (SODA 1.0 section 2.2): its request is a JobQuestion's.
bool is_asked_by_job(const ServiceDescriptor& service);

/// The service cuts images out of one dataset: it says so (standardID), or, where it names no standard, takes a region
/// (CIRCLE, POS, POLYGON).
bool is_soda(const ServiceDescriptor& service);

/// The same of a service that a #cutout row names: without a standard it is taken at the row's word.
bool is_soda_of_a_cutout_row(const ServiceDescriptor& service);

/// The services of that kind which a table of plates itself describes (DataLink 1.1 section 4), asked about one of its
/// rows: an input that refers to a column has the row's value there.
std::vector<ServiceDescriptor> soda_services_of(const PlateTable& table, const Plate& plate);

/// The service takes nothing but RA and DEC: its answer may lack most of the region.
bool is_asked_by_box(const ServiceDescriptor& service);

/// The DALI/SODA text "ra dec radius" in degrees.
std::string circle_text(const Cone& cone);

}  // namespace platefs::vo
