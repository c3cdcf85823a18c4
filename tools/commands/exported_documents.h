// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <vector>

#include "cache/library.h"
#include "fs/pages/citation.h"
#include "tools/commands/export.h"

namespace platefs::tools {

/// Writes what a mount makes of the answers for `targets` (names of their directories): tables, whose paths are
/// relative to them, index.html, citations, plate.json and datalink.vot of each plate. Asks nobody for what is known.
void write_documents(cache::Library& library, std::vector<fs::Credit> credits, const std::vector<std::string>& targets,
                     Export& files);

}  // namespace platefs::tools
