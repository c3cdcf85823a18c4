// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>

namespace platefs::fs {

/// README.txt of a mount: how to use it, for somebody who has just found the directory.
std::string readme_text(const std::string& version, const std::string& mountpoint);

}  // namespace platefs::fs
