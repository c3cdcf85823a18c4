// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <map>
#include <string>

#include "cache/library.h"
#include "fs/tree/node.h"

namespace platefs::fs {

/// The extended attributes of a node, by full name ("user.platefs.state"); empty values are left out.
/// Fetches nothing.
std::map<std::string, std::string> xattrs_of(const Node& node, const cache::Library& library);

}  // namespace platefs::fs
