// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>

namespace platefs::fs {

/// README.txt of a mount's root, for a person who has just found it.
std::string readme_text(const std::string& mountpoint, const std::string& version);

}  // namespace platefs::fs
