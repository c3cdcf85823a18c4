// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string_view>

#include "cache/library.h"
#include "fs/tree/failed_files.h"

namespace platefs::fs {

/// The word for a file's state in extended attributes and plate.json.
constexpr std::string_view product_state_name(cache::ProductState state) {
  using enum cache::ProductState;
  switch (state) {
    case Remote:
      return "remote";
    case Partial:
      return "partial";
    case Cached:
      return "cached";
    case Failed:
      return "failed";
  }
  return "";
}

/// The same of what is known of a file.
constexpr std::string_view state_name(const cache::ProductFacts& facts) {
  const bool is_coming = facts.is_under_way && facts.state != cache::ProductState::Cached;
  return is_coming ? "fetching" : product_state_name(facts.state);
}

/// How the cutout of a plate stands, by what is known here and in other processes on the cache; asks nobody.
std::string_view cutout_state(cache::Library& library, const cache::PlateRef& plate, const vo::Cone& region,
                              const FailedFiles& failed);

}  // namespace platefs::fs
