// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "tools/cli/commands.h"

namespace platefs::tools {

/// `platefs cache`: looks after what is kept, also while mounts use it. kDoneInPart when something that
/// was meant could not be done (a file to be evicted is pinned or being read), kFailed when verify found
/// bad bytes, kInterrupted when verify was.
int run_cache(const CacheCommand& command);

}  // namespace platefs::tools
