// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "fs/target_state.h"

namespace platefs::fs {

/// errors.txt: what failed or was cut short in a target, when, why, and what to do about it, in plain
/// words. Empty when there is nothing to tell. `snapshot` may be null: the query itself failed.
std::string error_report(const Target& target, const TargetSnapshot* snapshot,
                         const std::optional<vo::Error>& failure,
                         const std::vector<cache::Failure>& failures, std::int64_t now);

}  // namespace platefs::fs
