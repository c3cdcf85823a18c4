// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <functional>
#include <optional>

#include "vo/base/error.h"

namespace platefs::tools {

/// How the part that serves reports to the part that was called: without a problem when all is well, else with the
/// reason why it can't start. Only the first report counts. Thread-safe.
using ReportStart = std::function<void(const std::optional<vo::Error>& problem)>;

/// Forks at once, before threads, curl or LMDB exist. The child leads its own session and runs
/// `serve(report)`; the parent waits for the report (or the child's end) and returns the exit code of
/// the command: kWrongUsage for Error{Rejected}. In the child this never returns; it keeps no descriptor
/// of the caller beyond the standard streams, and those until the report only.
int run_in_background(const std::function<int(ReportStart)>& serve);

/// The same without a fork: runs `serve` here; a problem goes to stderr.
int run_in_foreground(const std::function<int(ReportStart)>& serve);

}  // namespace platefs::tools
