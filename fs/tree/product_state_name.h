// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string_view>

#include "cache/library.h"

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

}  // namespace platefs::fs
