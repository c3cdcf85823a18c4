// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "fs/tree/target.h"
#include "vo/votable/votable.h"

namespace platefs::fs {

/// The ObsCore rows of several archives as one table. Columns of one name (any case) are one column,
/// whose datatype holds what each of them holds; where their units differ they stay apart, the later as
/// `<name>_<archive>`. Metadata comes from the first archive that states it. Names are unique in any
/// case; one that is among `reserved` becomes `served_<name>`.
class MergedColumns {
 public:
  MergedColumns(const cache::PlatesAnswer& answer, const std::vector<std::string_view>& reserved);

  const std::vector<vo::VotableField>& fields() const { return fields_; }
  /// The cells of these plates, a column for each field; null where the plate's archive has no such column.
  std::vector<vo::CellColumn> columns_of(const std::vector<std::shared_ptr<const PlateEntry>>& plates) const;

 private:
  using Places = std::vector<std::size_t>;  ///< of a table's columns among fields_

  Places places_of(const vo::PlateTable& table);
  std::size_t place_of(const vo::VotableField& field, const std::string& archive,
                       const std::unordered_set<std::size_t>& taken);
  std::string free_name(const std::string& wanted);
  std::size_t add(vo::VotableField field, const std::string& wanted);

  std::unordered_set<std::string> reserved_;              ///< in lower case, as are those below
  std::unordered_map<std::string, std::size_t> by_name_;  ///< place among fields_
  std::unordered_map<std::string, int> last_number_;      ///< given to columns that wanted a name
  std::vector<vo::VotableField> fields_;
  std::map<const vo::PlateTable*, Places> places_;
};

}  // namespace platefs::fs
