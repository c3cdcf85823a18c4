// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "tools/cli/commands.h"

namespace platefs::tools {

/// `platefs query`: prints the plates that cover a target. kDoneInPart when an archive failed and others
/// answered.
int run_query(const QueryCommand& command);

}  // namespace platefs::tools
