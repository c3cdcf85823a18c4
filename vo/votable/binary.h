// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "vo/votable/cell.h"
#include "vo/votable/field_list.h"

namespace platefs::vo {

enum class BinaryForm { Binary, Binary2 };

/// The rows in a decoded BINARY or BINARY2 stream (VOTable 1.4 sections 5.3, 5.4): each row has
/// columns.size() cells, big-endian, in BINARY2 after one null flag per column.
/// Throws Error{Malformed} when the stream ends inside a row, or a cell claims more than is left:
/// no memory is taken on the word of a count. Spends of `budget` what the rows and the elements of arrays take.
VotableRows read_binary_rows(std::string_view stream, const std::vector<CellType>& columns, BinaryForm form,
                             MemoryBudget& budget);

/// The same of a stream that comes piece by piece. `more` appends to the bytes, and is false when there is no more
/// behind that. A row may have 64 MiB.
VotableRows read_binary_rows(const std::function<bool(std::string& bytes)>& more, const std::vector<CellType>& columns,
                             BinaryForm form, MemoryBudget& budget);

/// Nobody can tell where cells of other columns end, and those behind them begin. Throws Error{Malformed} naming one.
void require_readable_cells(const FieldList& fields, const std::vector<CellType>& columns);

/// One cell of fixed size, which stands at the beginning of `bytes`; FITS binary tables write theirs in the same form.
/// A text stays in `bytes`, or is put into `room`. Throws as above.
CellView binary_cell(std::string_view bytes, const CellType& type, std::string& room, MemoryBudget& budget);
/// Bytes that `count` elements of that type take; throws Error{Malformed} for an unknown one.
std::uint64_t binary_size(const CellType& type, std::uint64_t count);

}  // namespace platefs::vo
