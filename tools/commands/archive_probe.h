// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <stop_token>
#include <string>
#include <vector>

#include "tools/cli/options.h"
#include "vo/http/transport.h"

namespace platefs::tools {

/// How an archive answered a question for one row of its table.
struct ProbeResult {
  std::string archive, url;
  bool answered = false;
  double seconds = 0;
  std::string problem;  ///< empty: all is well
  std::string remedy;   ///< what to do about it
};

/// Asks all archives of `options` at once and waits for the last. `stop` ends it early.
std::vector<ProbeResult> probe_archives(const CommonOptions& options, vo::Transport& transport,
                                        const std::stop_token& stop);

/// A service with an ObsCore table, as the registry has it.
struct DiscoveredService {
  std::string ivoid, title, url;
};

/// The ADQL that finds them in a registry's tables (RegTAP 1.1): services of which every word is part of
/// title or identifier, in any case.
std::string discovery_adql(const std::vector<std::string>& words);

/// Throws Error{Rejected} when it has no such tables, and what the transport says.
std::vector<DiscoveredService> discover_services(const std::string& registry, const std::vector<std::string>& words,
                                                 vo::Transport& transport, const std::stop_token& stop);

}  // namespace platefs::tools
