// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>

#include "tools/commands.h"

namespace platefs::tools {

/// `platefs mount`: returns when the mount answers (in the foreground: when it has ended), with an exit
/// code; messages went to stderr.
int run_mount(const MountCommand& command);

/// `platefs unmount`: ends the mount whatever hangs in it, in less than two seconds.
int run_unmount(const std::string& mountpoint);

/// `platefs status`: what a mount is doing.
int run_status(const std::string& mountpoint, bool as_json);

}  // namespace platefs::tools
