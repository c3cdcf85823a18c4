// SPDX-License-Identifier: BSD-3-Clause
#include "tools/cli/sequence_sources.h"

#include "tools/cli/configuration.h"

namespace platefs::tools {

std::shared_ptr<const fs::Sequences> sequences_of(const CommonOptions& options, const Log& log) {
  return std::make_shared<const fs::Sequences>(fs::Sequences::Sources{options.sequence, sequence_folders(options)},
                                               [log](std::string_view problem) { log.warn(problem); });
}

}  // namespace platefs::tools
