// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <functional>
#include <string>

#include "fs/target_name.h"

namespace platefs::tools {

/// Where an object of that name is; throws Error{NotFound} when nobody knows it.
using NameResolver = std::function<vo::IcrsPosition(const std::string& name)>;

/// A target and how the user calls it.
struct NamedTarget {
  std::string label;
  fs::Target target;
};

/// The target that a word of the command line means. Throws Error{Rejected} saying why it means none.
NamedTarget target_from(const std::string& word, vo::Angle default_radius, const NameResolver& resolve = {});

}  // namespace platefs::tools
