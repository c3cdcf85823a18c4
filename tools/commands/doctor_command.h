// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "tools/cli/commands.h"

namespace platefs::tools {

/// `platefs doctor`: checks FUSE, the cache directory, configuration and archives, and says how to mend
/// what is wrong. kFailed when something would keep a mount from working.
int run_doctor(const DoctorCommand& command);

}  // namespace platefs::tools
