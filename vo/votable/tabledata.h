// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <vector>

#include "vo/votable/cell.h"
#include "vo/votable/rows.h"
#include "vo/votable/xml_cursor.h"

namespace platefs::vo {

/// The rows of a TABLEDATA (VOTable 1.4 section 5.1), whose content `content` stands before: read in one pass, a cell
/// at a time, from the document into columns. Missing TDs are null, surplus ones belong to no FIELD: both are seen in
/// practice; other elements are passed over. Throws Error{Malformed} where it is broken, or takes more than the budget.
VotableRows read_tabledata(XmlCursor content, const std::vector<CellType>& columns, MemoryBudget& budget);

}  // namespace platefs::vo
