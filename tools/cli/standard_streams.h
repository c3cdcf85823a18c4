// SPDX-License-Identifier: BSD-3-Clause
#pragma once

namespace platefs::tools {

/// Gives descriptors 0, 1 and 2 something that is open where the caller closed them (`2>&-`): else the next file that
/// is opened, perhaps one of the cache, would get the number, and with it every message. Writing to a standard output
/// that was closed still fails, so that a command tells that its answer went nowhere; messages go nowhere.
/// Call first of all.
void keep_standard_streams_open();

}  // namespace platefs::tools
