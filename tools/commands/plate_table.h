// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "tools/commands/plate_record.h"

namespace platefs::tools {

/// The rows of a table of plates, by the access_url of their file.
using PlateRows = std::map<std::string, std::vector<PlateRow>>;

/// Those of a table that was written before; none where there is no file. Throws Error{Rejected} when it is another
/// kind of file, which is not to be overwritten.
PlateRows read_plate_table(const std::filesystem::path& file);

/// The version of the file that the rows are of.
std::string version_of_rows(const std::vector<PlateRow>& rows);

/// Writes them as a VOTable, whole or not at all. Throws Error{LocalIo, NoSpace}.
void write_plate_table(const std::filesystem::path& file, const PlateRows& rows);

}  // namespace platefs::tools
