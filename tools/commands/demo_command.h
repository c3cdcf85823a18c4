// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "tools/cli/commands.h"

namespace platefs::tools {

/// `platefs demo`: the demo archive and a mount or a server of it, until SIGINT, SIGTERM or, of the mount, its
/// unmounting. Where its star is, is the one line of stdout. Returns the exit code.
int run_demo(const DemoCommand& command);

}  // namespace platefs::tools
