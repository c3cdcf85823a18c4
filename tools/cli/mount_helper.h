// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <vector>

namespace platefs::tools {

/// Was the program called as mount(8) calls it for a line of /etc/fstab: mount.platefs or
/// mount.fuse.platefs?
bool is_mount_helper(const std::string& program);

/// What `mount.platefs SOURCE DIRECTORY [-sfnv] [-o OPTIONS]` means as words of platefs. SOURCE is an
/// archive, several with commas between, or "platefs" or "none" for the configured ones. Throws
/// Error{Rejected} for other words.
std::vector<std::string> words_of_mount_helper(const std::vector<std::string>& arguments);

/// At boot there is neither a home nor $XDG_CACHE_HOME: then cache and log go below /var.
void use_system_directories();

}  // namespace platefs::tools
