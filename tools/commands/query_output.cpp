// SPDX-License-Identifier: BSD-3-Clause
#include "tools/commands/query_output.h"

#include "fs/pages/csv.h"
#include "tools/commands/plate_selection.h"

namespace platefs::tools {

vo::VotableDocument table_for(const QueryForm& form, const fs::TargetSnapshot& snapshot, const fs::Target& target) {
  auto table = fs::plates_table(snapshot, target, {}, form.state_of);
  return form.columns.empty() ? table : with_columns(std::move(table), form.columns);
}

std::string query_output(const QueryForm& form, const fs::TargetSnapshot& snapshot, const fs::Target& target) {
  if (form.format == "csv") return fs::csv_text(table_for(form, snapshot, target));
  if (form.format == "votable") return vo::votable_text(table_for(form, snapshot, target));
  if (form.format == "json") return plates_json(form, snapshot, target);
  return plates_listing(form, snapshot, target);
}

}  // namespace platefs::tools
