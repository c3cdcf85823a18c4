// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "cache/store/store.h"
#include "fs/tree/target_name.h"
#include "tools/commands/cached_files.h"

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
  /// Gives each file its path in a mount, by a target that was entered and has it.
  void name(std::vector<CachedFile>& files) const;
  /// Publisher DIDs of the plates that a target was found to have.
  std::set<std::string> plates_of(const fs::Target& target) const;
  /// Those that are called so: "1890-05-17_i00811", or by their scan alone, "i00811".
  std::set<std::string> plates_called(const std::string& name) const;

 private:
  std::optional<vo::IcrsPosition> object(const std::string& name) const;

  const cache::Store& store_;
  std::vector<fs::Target> entered_;
};

}  // namespace platefs::tools
