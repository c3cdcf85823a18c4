// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "tools/cli/commands.h"

namespace platefs::tools {

/// `platefs blink`: brings the cutouts of a target and shows the good ones by epoch in DS9, TOPCAT or Aladin, or writes
/// an animation of their stamps. Returns when the program ends; kFailed where there is nothing to show.
int run_blink(const BlinkCommand& command);

}  // namespace platefs::tools
