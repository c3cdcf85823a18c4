// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <vector>

#include "fs/tree/target.h"

namespace platefs::fs {

/// How an archive, or a collection in it, wants to be cited and thanked.
struct Credit {
  std::string archive;               ///< as configured; empty: any
  std::string title;                 ///< "GAVO Data Center"; may be empty
  std::string url;                   ///< of the service; may be empty
  std::string collection = {};       ///< only for plates whose obs_collection contains this (any case)
  std::string acknowledgement = {};  ///< a sentence or two for the paper
  std::string bibtex = {};           ///< whole entries
};

/// CITATION.bib: for every archive that listed plates, its acknowledgement as a comment and its BibTeX
/// entries; one made from its name and URL where it has none. BibTeX takes it as it is. Depends on its
/// arguments alone.
std::string citation_text(const TargetSnapshot& snapshot, const Target& target, const std::vector<Credit>& credits);

}  // namespace platefs::fs
