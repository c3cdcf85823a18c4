// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <vector>

#include "fs/tree/target.h"

namespace platefs::fs {

/// What errors.txt tells of; pointers are null when there is no such thing.
struct Troubles {
  const Target* target = nullptr;            ///< never null
  const TargetSnapshot* snapshot = nullptr;  ///< null: the target was never answered
  const vo::Error* failure = nullptr;        ///< the latest question failed as a whole
  Holding holding = Holding::Plates;         ///< what was asked for
  std::vector<cache::Failure> files = {};    ///< of any plates; those of the target are told
  std::string sequence = {};                 ///< why the comparison stars can't be used; empty: they can
};

/// In plain words: what failed, on what, when, why, and what to do. Empty when all went well. Depends on
/// its argument alone.
std::string errors_text(const Troubles& troubles);

/// Whether that is anything, without writing it.
bool has_troubles(const Troubles& troubles);

/// What a person can do about a failure of that kind.
std::string_view advice_on(vo::ErrorKind kind) noexcept;

}  // namespace platefs::fs
