// SPDX-License-Identifier: BSD-3-Clause
#include "tools/commands/query_output.h"

#include "fs/pages/csv.h"
#include "fs/pages/plates_table.h"

namespace platefs::tools {

std::string query_output(const std::string& format, const fs::TargetSnapshot& snapshot, const fs::Target& target,
                         std::size_t width) {
  if (format == "csv") return fs::csv_text(fs::plates_table(snapshot, target));
  if (format == "votable") return vo::votable_text(fs::plates_table(snapshot, target));
  if (format == "json") return plates_json(snapshot, target);
  return plates_listing(snapshot, target, width);
}

}  // namespace platefs::tools
