// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "vo/base/sky.h"
#include "vo/http/message.h"
#include "vo/services/tap.h"
#include "vo/votable/votable.h"

namespace platefs::vo {

/// Simple Image Access 2.0 (section 2): the images whose area contains a place, as rows of ObsCore. The service's URL
/// is that of its query resource.
http::Request siap2_query(const TapService& service, const IcrsPosition& position);

/// Simple Image Access 1.0 (section 4): FITS images that cover a place. What an image is called lies in UCDs there:
/// name_as_obscore() gives the columns of the answer the names that ObsCore has for them.
http::Request siap1_query(const TapService& service, const IcrsPosition& position);
void name_as_obscore(Votable& siap1);

}  // namespace platefs::vo
