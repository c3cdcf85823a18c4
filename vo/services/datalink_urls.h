// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "vo/base/url.h"
#include "vo/services/datalink.h"

namespace platefs::vo {

/// Relative URLs of rows and services are meant from where the document came from: `source`. Bare
/// words ("NULL", "none") and URIs that nobody can fetch ("ad:MACHO/x.fits") stay as they are.
void make_absolute(DatalinkDocument& document, const Url& source);

}  // namespace platefs::vo
