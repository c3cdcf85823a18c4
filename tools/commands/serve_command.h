// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "tools/cli/commands.h"

namespace platefs::tools {

/// `platefs serve`: the tree over HTTP in the foreground until SIGINT, SIGTERM or SIGHUP. The URL is the one line of
/// stdout. Returns the exit code.
int run_serve(const ServeCommand& command);

}  // namespace platefs::tools
