// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>

#include "vo/votable/writer.h"

namespace platefs::fs {

/// The table as CSV, quoted as RFC 4180 says: UTF-8, a header line with the names of the columns; null is
/// an empty field. A text that a spreadsheet would take for a formula (it begins with = + - @ and is no number,
/// nor an array of them) has an apostrophe in front, which spreadsheets do not show and scripts may strip;
/// numbers stay numbers. Numbers in shortest decimals that give the same number back. Lines end in LF, without
/// the CR that awk and the shell would take for the end of the last column's path.
std::string csv_text(const vo::VotableDocument& table);

}  // namespace platefs::fs
