// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>

namespace platefs::tools {

/// `platefs unmount`: ends the mount whatever hangs in it, in less than two seconds.
int run_unmount(const std::string& mountpoint);

/// `platefs status`: what a mount is doing; without a mount point, what all mounts of this user are doing, as an array
/// in JSON.
int run_status(const std::string& mountpoint, bool as_json);

}  // namespace platefs::tools
