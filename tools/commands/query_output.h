// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <vector>

#include "fs/pages/plates_table.h"
#include "fs/tree/target.h"

namespace platefs::tools {

/// How an answer is to be shown.
struct QueryForm {
  std::string format = "table";      ///< or "csv", "json", "votable"
  std::vector<std::string> columns;  ///< of plates_table(); empty: as usual
  std::size_t width = 0;             ///< of a line of the table; 0: any
  fs::StateOf state_of;              ///< of cutouts
};

/// The answer in a format of `platefs query`. CSV and VOTable are those of the mount without the paths, which mean
/// nothing here. Depends on its arguments alone. Throws Error{Rejected} for a column that is not there.
std::string query_output(const QueryForm& form, const fs::TargetSnapshot& snapshot, const fs::Target& target);

/// Aligned columns for a terminal: one line per plate under a line of headings, and a line that sums up. A column in
/// which all plates have the same is left out and told there, one in which none has anything is left out. What archives
/// wrote is stripped of control characters. Empty without plates.
std::string plates_listing(const QueryForm& form, const fs::TargetSnapshot& snapshot, const fs::Target& target);

/// One JSON document: the target, the archives that were asked, the columns, the plates.
std::string plates_json(const QueryForm& form, const fs::TargetSnapshot& snapshot, const fs::Target& target);

/// The table of the plates as the form wants it.
vo::VotableDocument table_for(const QueryForm& form, const fs::TargetSnapshot& snapshot, const fs::Target& target);

}  // namespace platefs::tools
