// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <optional>

#include "vo/services/tap.h"

namespace platefs::vo {

/// The service as it is asked for the light curves of a place rather than for its plates: rows whose dataproduct_type
/// is 'timeseries' (ObsCore 1.1 section 3.3.1), by their positions, since few of them state a region, and of those
/// within ten arc seconds. Nothing: its rows tell of no dataproduct_type, or it is not asked by ADQL.
std::optional<TapService> time_series_service(TapService service);

}  // namespace platefs::vo
