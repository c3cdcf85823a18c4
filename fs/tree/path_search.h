// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "fs/tree/node.h"
#include "fs/tree/tree.h"
#include "vo/base/completion.h"

namespace platefs::fs {

/// Where a path leads.
struct FoundPath {
  std::optional<Node> node;        ///< nothing: there is no such name
  std::vector<std::string> names;  ///< from the root to it without a symbolic link
  bool has_links = false;          ///< the path that was asked for went through one
};

/// What the names from the root on mean, one in the other. Symbolic links are followed, also the last one, as the
/// kernel follows them; none leads out. Asks what Tree::find asks; its Error is that of the first question that fails.
/// `tree` outlives the search.
void find_path(const Tree& tree, std::vector<std::string> names, vo::Completion<FoundPath> done);

}  // namespace platefs::fs
