// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "tools/cli/commands.h"

namespace platefs::tools {

/// `platefs fetch`: fills the cache. kDoneInPart when something failed and something did not,
/// kInterrupted after Ctrl-C: then everything fetched so far is kept.
int run_fetch(const FetchCommand& command);

}  // namespace platefs::tools
