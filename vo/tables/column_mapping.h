// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "vo/votable/field_list.h"
#include "vo/votable/rows.h"
#include "vo/votable/value.h"

namespace platefs::vo {

/// What a column of ObsCore is made of, as a configuration says it: a column by its name, a column with one factor or
/// offset ("jd - 2400000.5", "diameter / 60"; * / + -), a text in single quotes, or a number. A name that does not
/// read so stands in double quotes.
struct MappedValue {
  enum class Kind { Column, Text, Number };

  Kind kind = Kind::Column;
  std::string text;    ///< as written; of a Text what it says
  std::string column;  ///< the name in front of the operator
  char operation = 0;  ///< 0: none
  double number = 0;

  /// Throws Error{Rejected} with the text.
  static MappedValue parse(std::string_view text);
};

/// Which columns of a table are which of ObsCore's. Immutable but for add().
class ColumnMapping {
 public:
  /// `name` is made of `value`. Throws as MappedValue::parse().
  void add(std::string name, std::string_view value);
  bool empty() const { return columns_.empty(); }
  /// The same text for the same mapping.
  std::string text() const;
  const std::map<std::string, MappedValue>& columns() const { return columns_; }

 private:
  std::map<std::string, MappedValue> columns_;
};

/// A mapping as it applies to one table: the columns of ObsCore that are made, and the table's own that have no name of
/// these. One thread at a time.
class MappedTable {
 public:
  /// Throws Error{Rejected} naming the column that `table`, its name in messages, does not have.
  MappedTable(const ColumnMapping& mapping, const FieldList& fields, std::string_view table);

  const FieldList& fields() const { return fields_; }
  /// The cell of a row of the table; a text stands in the row.
  CellView cell(const VotableRows& rows, std::size_t row, std::size_t column) const;

 private:
  struct Source {
    int column = -1;  ///< of the table
    MappedValue value = {};
  };
  FieldList fields_;
  std::vector<Source> sources_;
};

}  // namespace platefs::vo
