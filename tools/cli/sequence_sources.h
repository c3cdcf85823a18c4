// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <memory>

#include "fs/tree/sequences.h"
#include "tools/cli/log.h"
#include "tools/cli/options.h"

namespace platefs::tools {

/// The comparison stars that options and configuration name.
std::shared_ptr<const fs::Sequences> sequences_of(const CommonOptions& options, const Log& log);

}  // namespace platefs::tools
