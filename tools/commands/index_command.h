// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "tools/cli/commands.h"

namespace platefs::tools {

/// `platefs archives index`: makes or brings up to date a table of plates from the headers of their files. kDoneInPart
/// when some files could not be read.
int index_plates(const ArchivesCommand& command);

}  // namespace platefs::tools
