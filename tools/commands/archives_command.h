// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "tools/cli/commands.h"

namespace platefs::tools {

/// `platefs archives`: what is configured (asks nobody), whether it answers, and what the registry of the
/// Virtual Observatory knows beyond. kDoneInPart when some archives answered and others did not.
int run_archives(const ArchivesCommand& command);

}  // namespace platefs::tools
