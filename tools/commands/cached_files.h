// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <optional>
#include <string>

#include "cache/store/store.h"
#include "vo/base/sky.h"

namespace platefs::tools {

/// A file of a plate as the cache knows it.
struct CachedFile {
  cache::ObjectInfo info;
  std::string authority;           ///< whose identifier `did` is, see vo::authority_of()
  std::string did;                 ///< of the plate
  std::string kind;                ///< "cutout", "full", "preview", "stamp", "aligned", "chart", "link"
  std::string link;                ///< of a link: its name
  std::optional<vo::Cone> region;  ///< of a cutout

  /// "cutout.fits", "links/this.fits": as the mount names it, without the region.
  std::string file_name() const;
};

/// The parts of the key under which the cache holds a file. Pure.
CachedFile cached_file(cache::ObjectInfo info);

}  // namespace platefs::tools
