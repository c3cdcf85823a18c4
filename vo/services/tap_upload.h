// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "vo/base/sky.h"
#include "vo/http/message.h"
#include "vo/services/tap.h"
#include "vo/votable/votable.h"

namespace platefs::vo {

/// The plates of many positions by one query: the positions travel along as a table, which the
/// query joins with the plates. TAP 1.1 section 2.6 (inline uploads, the schema TAP_UPLOAD),
/// DALI 1.1 section 3.4.5 (UPLOAD=name,param:name and the part of that name in
/// multipart/form-data).

/// plates_adql for every position of the table TAP_UPLOAD.platefs_targets; the first column,
/// platefs_target, says whose row it is. The service's own condition stays as written.
std::string plates_join_adql(const TapService& service, PlaceForm form);

/// That query, and the positions as a VOTable, numbered from 0. Errors and overflow come in the
/// body whatever the status: give it to read_votable.
http::Request plates_join_query(const TapService& service, PlaceForm form, std::span<const IcrsPosition> positions);

/// The answer as one VOTable for each of the `count` positions: what plates_adql would have got,
/// with the service descriptors and without platefs_target. A position without plates has a table
/// without rows. Throws Error{Malformed} when a row belongs to none of the positions.
std::vector<std::string> plates_by_position(const Votable& joined, std::size_t count);

}  // namespace platefs::vo
