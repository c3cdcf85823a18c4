// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>

namespace platefs::fs {

/// README.txt of the root, for a person who has just found it. `place` is the mount point, or the URL of a server.
std::string readme_text(const std::string& place, const std::string& version);

}  // namespace platefs::fs
