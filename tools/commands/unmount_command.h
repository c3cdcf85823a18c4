// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>

#include "tools/cli/commands.h"

namespace platefs::tools {

/// `platefs unmount`: ends the mount whatever hangs in it, in less than two seconds.
int run_unmount(const std::string& mountpoint);

/// `platefs status`: what a mount is doing; without a mount point, what all mounts of this user are doing, as an array
/// in JSON. With --watch anew each second until a signal ends it.
int run_status(const StatusCommand& command);

}  // namespace platefs::tools
