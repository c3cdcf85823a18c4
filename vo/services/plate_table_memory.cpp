// SPDX-License-Identifier: BSD-3-Clause
#include "vo/services/plate_table_memory.h"

namespace platefs::vo {

std::uint64_t memory_of(const PlateTable& table) {
  std::uint64_t bytes =
      sizeof(PlateTable) + table.table.fields.size() * sizeof(VotableField) + table.plates.size() * sizeof(Plate);
  for (const auto& row : table.table.rows) {
    bytes += sizeof(row) + row.capacity() * sizeof(VotableValue);
    for (const auto& cell : row) {
      // What is too long for the cell itself; the plate has most of it a second time.
      if (const auto* text = std::get_if<std::string>(&cell)) bytes += text->size() > 15 ? 2 * (text->size() + 16) : 0;
    }
  }
  return bytes;
}

}  // namespace platefs::vo
