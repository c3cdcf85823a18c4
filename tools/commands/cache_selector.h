// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <vector>

#include "cache/store/store.h"
#include "tools/commands/cached_files.h"

namespace platefs::tools {

/// Ids of the files that the selectors mean together, of any kind or of one of `kinds`, least recently used first;
/// without selectors all. A selector is: a number of the list; a path in a mount, which need not be mounted; a target
/// in any spelling or an object that was looked up before (its cutouts, and all other files of its plates); a plate as
/// the mount calls it or by its scan; a plate's identifier, whole or as a pattern with * ? [. Throws
/// Error{NotFound} when one means nothing that is in the cache.
std::vector<cache::ObjectId> selected_files(const cache::Store& store, const std::vector<std::string>& selectors,
                                            const std::vector<std::string>& kinds);

}  // namespace platefs::tools
