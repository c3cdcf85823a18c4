// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <vector>

#include "fs/pages/plates_table.h"
#include "fs/tree/target.h"

// What `platefs query` shows of an answer, and in which order.
namespace platefs::tools {

/// Throws Error{Rejected} unless it is a year, a month or a day: "1890", "1890-05", "1890-05-17".
void check_date(const std::string& date, const std::string& option);

/// The plates that were begun from `since` to `until`, both included; either may be empty. Without a date a plate is in
/// no span.
fs::TargetSnapshot within(const fs::TargetSnapshot& snapshot, const std::string& since, const std::string& until);

/// The same plates in the order of a column of plates_table(), smallest first; a '-' in front: largest first. Plates
/// without a value come last. Throws Error{Rejected} naming a column that is not there, and the nearest.
fs::TargetSnapshot sorted(const fs::TargetSnapshot& snapshot, const fs::Target& target, const std::string& column,
                          const fs::StateOf& state_of);

/// These columns of a table in this order. Throws Error{Rejected} as sorted() does.
vo::VotableDocument with_columns(vo::VotableDocument table, const std::vector<std::string>& names);

}  // namespace platefs::tools
