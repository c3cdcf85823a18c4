// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string_view>
#include <vector>

#include "vo/votable/cell.h"

namespace platefs::vo {

enum class BinaryForm { Binary, Binary2 };

/// The rows in a decoded BINARY or BINARY2 stream (VOTable 1.4 sections 5.3, 5.4): each row has
/// columns.size() cells, big-endian, in BINARY2 after one null flag per column.
/// Throws Error{Malformed} when the stream ends inside a row, or a cell claims more than is left:
/// no memory is taken on the word of a count. Spends of `budget` what the rows and the elements of arrays take.
VotableRows read_binary_rows(std::string_view stream, const std::vector<CellType>& columns, BinaryForm form,
                             MemoryBudget& budget);

}  // namespace platefs::vo
