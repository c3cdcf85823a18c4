// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "vo/votable/cell.h"

namespace platefs::vo {

/// The datatype of VOTable 1.4, section 6: "unsignedByte"; "char" of what is none.
std::string_view datatype_of(CellType::Kind kind);

/// How one column of a table in memory is written: the datatype that holds all of its values.
struct VotableColumn {
  CellType type;
  std::string datatype, arraysize;
  std::optional<std::string> null;  ///< VALUES@null, when an integer column has nulls

  /// The content of a TD, not yet escaped: of the cell itself where it is a text, else put into `room`.
  std::string_view text(const CellView& cell, std::string& room) const;
  std::string text(const VotableValue& value) const;
};

/// The column as its field was declared, whatever the rows hold.
VotableColumn column_as_declared(const VotableField& field);

/// Looks through column `index` of `rows` once. Integers that do not fit their datatype widen it.
VotableColumn column_to_write(const VotableField& field, const VotableRows& rows, std::size_t index);

}  // namespace platefs::vo
