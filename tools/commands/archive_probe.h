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
  std::string problem;     ///< empty: all is well
  std::string remedy;      ///< what to do about it
  std::string holds = {};  ///< of a table: how many rows, of which version
};

/// What a table holds that is an archive, as far as that is in the cache already; empty: nothing is. Asks nobody.
std::string kept_table(const vo::TapService& service);

/// Asks all archives of `options` at once and waits for the last. `stop` ends it early.
std::vector<ProbeResult> probe_archives(const CommonOptions& options, vo::Transport& transport,
                                        const std::stop_token& stop);

/// A service with an ObsCore table, or one of images of photographic plates, as the registry has it.
struct DiscoveredService {
  std::string ivoid, title, url;
  std::string kind = "tap";  ///< as the configuration names it
  std::string table = {};    ///< its ObsCore table where that is not ivoa.obscore
};

/// The ADQL that finds them in a registry's tables (RegTAP 1.1): services of which every word is part of title or
/// identifier, in any case. By the data model that a TAP service declares; by the utype or the name of its tables,
/// which is how newer records say it; and image services (SIA 1 and 2) whose records speak of photographic plates.
std::string discovery_adql(const std::vector<std::string>& words);
std::string discovery_of_tables_adql(const std::vector<std::string>& words);
std::string discovery_of_images_adql(const std::vector<std::string>& words);

struct Discovery {
  std::vector<DiscoveredService> services;  ///< each once
  std::vector<std::string> problems;        ///< of the questions that a registry could not answer beside the first
};
/// Throws Error{Rejected} when it has no such tables, and what the transport says.
Discovery discover_services(const std::string& registry, const std::vector<std::string>& words,
                            vo::Transport& transport, const std::stop_token& stop);

}  // namespace platefs::tools
