// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <vector>

#include "cache/store/store.h"
#include "tools/commands/cached_files.h"

namespace platefs::tools {

/// The files that `selector` means: a number of the list; a path in a mount, which need not be mounted; a target in
/// any spelling or an object that was looked up before (its cutouts, and all other files of its plates); a plate as
/// the mount calls it or by its scan; a plate's identifier, whole or as a pattern with * ? [. Throws
/// Error{NotFound} when it means nothing that is in the cache.
std::vector<CachedFile> selected_files(const cache::Store& store, const std::vector<CachedFile>& files,
                                       const std::string& selector);

}  // namespace platefs::tools
