// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string_view>

#include "vo/votable/cell.h"
#include "vo/votable/data_sections.h"
#include "vo/votable/votable.h"

namespace pugi {
class xml_node;
}

namespace platefs::vo {

/// Where a table's data stands: the tree of the frame, and the document that it was taken out of.
struct TableSource {
  const pugi::xml_node& root;
  std::string_view document;
  const DataSections& sections;
};

/// Fills the fields and the rows of `votable` from a TABLE. Throws Error{Malformed}.
void read_table(const pugi::xml_node& table, const TableSource& source, Votable& votable, MemoryBudget& budget);

}  // namespace platefs::vo
