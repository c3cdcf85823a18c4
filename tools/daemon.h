// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <functional>
#include <string>

namespace platefs::tools {

/// How the part that serves reports to the part that was called. Move-only would be enough; it is called
/// once, with an empty text when all is well, else with the reason why it can't start.
using ReportStart = std::function<void(const std::string& problem)>;

/// Forks at once, before threads, curl or LMDB exist. The child leads its own session and runs
/// `serve(report)`; the parent waits for the report (or the child's end) and returns the exit code of
/// the command. In the child this never returns.
int run_in_background(const std::function<int(ReportStart)>& serve);

/// The same without a fork: runs `serve` here; a problem goes to stderr.
int run_in_foreground(const std::function<int(ReportStart)>& serve);

}  // namespace platefs::tools
