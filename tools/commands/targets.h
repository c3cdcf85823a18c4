// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <optional>
#include <string>

#include "fs/tree/target_name.h"

namespace platefs::tools {

/// A target and how the user calls it.
struct NamedTarget {
  std::string label;
  fs::Target target;
};

/// A target whose name perhaps has to be resolved first: then `target` is empty.
struct WantedTarget {
  std::string label;  ///< what the user calls it
  std::string word;   ///< as in `platefs query WORD`
  std::optional<fs::Target> target;
};

/// What a word of the command line means; asks nobody. Throws Error{Rejected} saying why it means no target.
WantedTarget wanted_target(const std::string& word, vo::Angle default_radius);

}  // namespace platefs::tools
