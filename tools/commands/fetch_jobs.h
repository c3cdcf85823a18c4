// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "cache/library.h"
#include "fs/tree/sequences.h"
#include "fs/tree/target.h"
#include "tools/commands/targets.h"

namespace platefs::tools {

/// Which files of a plate are wanted.
struct WantedFiles {
  bool cutout = false, preview = false, full = false, links = false, stamp = false, aligned = false;
  std::string variant = {};                             ///< of stamps: cache::ProductId
  std::shared_ptr<const fs::Sequences> sequences = {};  ///< what is marked on them; null: nothing

  /// On stamps of the target; null: nothing.
  std::shared_ptr<const vo::SkyMarks> marks_on(const fs::Target& target) const;

  /// From the words of --what: "cutout", "preview", "full", "stamp", "aligned", "all", which is what archives have, not
  /// what is drawn of it.
  static WantedFiles from(const std::vector<std::string>& what);
};

/// One file to be fetched.
struct FetchJob {
  NamedTarget target;
  std::string plate;  ///< its name in the mount
  std::string file;   ///< "cutout.fits"
  cache::ProductId id;
};

/// The files of a plate that are wanted, those in links/ only when `links` are known.
std::vector<FetchJob> jobs_of(const NamedTarget& target, const fs::PlateEntry& plate, const WantedFiles& wanted,
                              const cache::LinksAnswer* links);

enum class FetchState {
  Cached,
  Fetched,
  Planned,
  Absent,      ///< the archive offers nothing that it could be had from
  Impossible,  ///< what the archive has was read, and shows no such thing: the place is off the plate, no coordinates
  Failed       ///< may come back
};

/// What became of a job.
struct FetchResult {
  FetchState state = FetchState::Failed;
  std::uint64_t size = 0;
  bool size_is_exact = true;
  std::uint64_t bytes = 0;  ///< that were (or would be) brought
  std::string error;
};

std::string_view name_of(FetchState state);

}  // namespace platefs::tools
