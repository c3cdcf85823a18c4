// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "cache/store/store.h"
#include "fs/tree/target_name.h"
#include "tools/commands/cached_files.h"
#include "vo/base/sky.h"

namespace platefs::tools {

/// The keys of the documents that say when a target was last entered: this, and its name.
constexpr std::string_view kTargetPrefix = "target ";

/// What names in a mount mean by what the cache remembers: targets that were entered, where objects are, how
/// plates are called. Asks nobody; `store` outlives it.
class KnownTargets {
 public:
  explicit KnownTargets(const cache::Store& store);

  /// In any spelling that a mount takes; an object only if it was looked up before, in any case and with blanks
  /// anywhere. Nothing for what is no target.
  std::optional<fs::Target> target(const std::string& spelled) const;
  /// The names on the list that mean this very target: the place or object, radius and years.
  std::vector<std::string> names_of(const std::string& spelled) const;
  /// Publisher DIDs of the plates that a target was found to have.
  std::set<std::string> plates_of(const fs::Target& target) const;
  /// Those that are called so: "1890-05-17_i00811", or by their scan alone, "i00811".
  std::set<std::string> plates_called(const std::string& name) const;

 private:
  std::optional<vo::IcrsPosition> object(const std::string& name) const;

  friend class FilePaths;
  const cache::Store& store_;
  std::vector<fs::Target> entered_;
};

/// The paths that files have in a mount, by targets that were entered and have them. Of each plate 16 bytes are kept,
/// of each target its region; what a target calls its plates is looked up. One thread; outlived by what it is made of.
class FilePaths {
 public:
  explicit FilePaths(const KnownTargets& known);
  /// "M31/1890-05-17_i00811/cutout.fits"; empty: no target has it.
  std::string of(const CachedFile& file);

 private:
  struct Place {
    std::uint64_t did;  ///< a digest of it
    std::size_t target;
  };
  struct Region {
    vo::Cone cone;
    std::size_t target;
  };
  void keep_first_of_each();
  std::string path_in(std::size_t target, const CachedFile& file);
  const std::string& plate_in(std::size_t target, const std::string& did);

  const KnownTargets& known_;
  std::vector<Place> places_;                 ///< of each plate the first target that has it, by digest
  std::vector<Region> regions_;               ///< by region, then as the targets are listed
  std::optional<std::size_t> latest_;         ///< the target of `names_`
  std::map<std::string, std::string> names_;  ///< of its plates, by identifier
};

}  // namespace platefs::tools
