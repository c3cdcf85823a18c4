// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string_view>

#include "cache/library.h"
#include "fs/tree/target_name.h"

namespace platefs::fs {

/// The target that `name` means, asking the library's resolver where an object is if need be. What is no
/// target is Error{Rejected} with the reason; an object that no catalogue knows is Error{NotFound}.
void find_target(cache::Library& library, std::string_view name, vo::Angle default_radius, vo::Completion<Target> done);

}  // namespace platefs::fs
