// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "vo/votable/row_receiver.h"
#include "vo/votable/votable.h"

namespace platefs::vo {

/// Reads a table of any size in one of the forms that tables of plates have: VOTable, the first binary table of a FITS
/// file, or text (CSV, TSV, ECSV, blanks; delimited_text.h), whose first line names the columns. Columns of text tables
/// that ObsCore has numbers in are numbers, others texts. The rows go to `receiver`. Returns the table without its
/// rows: fields, services, infos. Throws Error{Malformed} when it is none of these, or broken. Memory is bounded,
/// whatever the table (but for a VOTable whose STREAM is gzip-ed, or that has several tables, which is unpacked).
Votable read_table_in_batches(std::string_view bytes, RowReceiver& receiver);

}  // namespace platefs::vo
