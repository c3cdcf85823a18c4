// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "cache/library.h"
#include "tools/commands/fetch_jobs.h"
#include "vo/base/error.h"

namespace platefs::tools {

/// What a file that could not be had is told as: absent where the archive offers nothing that it could be had from,
/// impossible where what the archive has shows no such thing (cutout_recipe.h tells that by the kind of the Error),
/// else failed. Asks the archive nothing.
FetchState state_of_failure(const vo::Error& error, cache::Library& library, const cache::ProductId& id);

/// Of a dry run: what the cache holds of it, and what is known of the rest.
FetchResult planned_result(const cache::ProductFacts& facts);

}  // namespace platefs::tools
