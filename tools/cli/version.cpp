// SPDX-License-Identifier: BSD-3-Clause
#include "tools/cli/version.h"

namespace platefs::tools {

std::string_view version() { return PLATEFS_VERSION; }

std::string user_agent() { return "platefs/" PLATEFS_VERSION " (+https://github.com/platefs/platefs)"; }

}  // namespace platefs::tools
