// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <optional>
#include <string>

namespace platefs::tools {

/// Of the mount point "/dev/fd/N": N, a descriptor of /dev/fuse that the caller opened and has mounted already, as the
/// manager of a container does for what runs in it. Nothing for any other mount point. Throws Error{Rejected} where N
/// is no descriptor of FUSE.
std::optional<int> passed_descriptor(const std::string& mountpoint);

}  // namespace platefs::tools
