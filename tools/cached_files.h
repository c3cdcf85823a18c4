// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cache/store.h"
#include "vo/sky.h"

namespace platefs::tools {

/// A file of a plate as the cache knows it.
struct CachedFile {
  cache::ObjectInfo info;
  std::string did;                                   ///< of the plate
  std::string kind;                                  ///< "cutout", "full", "preview", "link"
  std::string link;                                  ///< of a link: its name
  std::optional<vo::Cone> region;                    ///< of a cutout

  /// "cutout.fits", "links/this.fits": as the mount names it, without the region.
  std::string file_name() const;
};

/// The parts of the key under which the cache holds a file. Pure.
CachedFile cached_file(cache::ObjectInfo info);

/// The files that `selector` means: a number of the list; a path in a mount; a target (its cutouts, and
/// all other files of its plates); a plate's identifier, whole or as a pattern with * ? [. Throws
/// Error{NotFound} when it means nothing that is in the cache.
std::vector<CachedFile> selected_files(const cache::Store& store, const std::vector<CachedFile>& files,
                                       const std::string& selector);

}  // namespace platefs::tools
