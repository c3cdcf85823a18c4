// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <vector>

#include "tools/cli/interruptible_wait.h"
#include "tools/commands/fetch_report.h"
#include "tools/commands/fetch_run.h"
#include "tools/commands/wiring.h"

namespace platefs::tools {

/// Runs a fetch under its bar until all is done or a signal comes; true for the latter: then the application is
/// stopped. Throws what FetchRun::run() does.
bool run_interruptibly(Application& application, FetchRun& run, FetchReport& report,
                       const std::vector<WantedTarget>& targets, InterruptibleWait& wait);

/// Whether a fetch shows a bar.
bool has_bar(const CommonOptions& options, bool as_json);

/// The sentence that says where files of a target are to be found: in a mount of the user's, else in one that is made.
/// `folder`: "cutouts".
std::string place_of_files(const std::string& target, const std::string& folder);

}  // namespace platefs::tools
