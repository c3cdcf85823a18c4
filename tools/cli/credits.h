// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <vector>

#include "fs/pages/citation.h"
#include "tools/cli/options.h"

namespace platefs::tools {

/// How the archives in `options` and the well-known collections of plates want to be cited.
std::vector<fs::Credit> credits_of(const CommonOptions& options);

}  // namespace platefs::tools
