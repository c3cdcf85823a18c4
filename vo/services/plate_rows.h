// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "vo/services/obscore.h"

namespace platefs::vo {

/// Gives each plate of the table its `exposure`, `further_rows` and `own_files`, drops exact copies of rows and counts
/// them. Depends on the set of rows, not on their order, but for which of several forms is the first. Time grows as
/// the table does.
void tell_rows_apart(PlateTable& table);

}  // namespace platefs::vo
