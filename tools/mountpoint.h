// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>

namespace platefs::tools {

/// What is known of a path from /proc/self/mountinfo, without touching the mount itself: a dead mount
/// would not answer.
struct MountState {
  bool is_mounted = false;
  bool is_ours = false;                              ///< file system type fuse.platefs
};
MountState mount_state(const std::string& absolute_path);

/// Absolute, without trailing slashes; resolves symbolic links in the parent only, for the same reason.
std::string absolute_mountpoint(const std::string& path);

/// Lifts the mount at once, even when files are open there. False when it can't (then errno says why).
bool detach(const std::string& absolute_path);

/// Lifts the mount if nothing is open there.
bool unmount_if_idle(const std::string& absolute_path);

/// The mount's .platefs/status.json, or empty when it does not answer within a second.
std::string read_status(const std::string& absolute_path);

}  // namespace platefs::tools
