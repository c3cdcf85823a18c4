// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "tools/cli/commands.h"

namespace platefs::tools {

/// `platefs mount`: returns when the mount answers (in the foreground: when it has ended), with an exit
/// code; messages went to stderr.
int run_mount(const MountCommand& command);

}  // namespace platefs::tools
