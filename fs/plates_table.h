// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>

#include "fs/target_state.h"
#include "vo/votable_writer.h"

namespace platefs::fs {

/// The plates of a target as one table: every ObsCore column that any archive served, by name, and ours
/// (SPEC of the tree: plate, date_min, date_max, jyear, separation, archive, and with `directory` the
/// paths of the files below it). One row for each plate, in the order of ls. An archive's column of a
/// name that we use is left out.
vo::VotableDocument plates_table(const TargetSnapshot& snapshot, const std::string& directory);

/// The table as RFC 4180 text: a line of names, then the rows; UTF-8, lines end in "\n".
std::string csv_text(const vo::VotableDocument& table);

}  // namespace platefs::fs
