// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace platefs::tools {

/// What is known of a path from /proc/self/mountinfo, without touching the mount itself: one that is dead or stopped
/// would not answer.
struct MountState {
  bool is_mounted = false;
  bool is_ours = false;       ///< file system type fuse.platefs
  unsigned device = 0;        ///< minor number: that of the FUSE connection
  std::optional<uid_t> user;  ///< who mounted it, as the kernel was told by fusermount3 or root
};
MountState mount_state(const std::string& absolute_path);

/// Where platefs is mounted by the user of this process, in the order of mounting, each place once.
std::vector<std::string> own_mounts();

/// Absolute, without trailing slashes and symbolic links, the last name's included. Asks no mount that lies at the
/// path itself.
std::string absolute_mountpoint(const std::string& path);

/// Whether the process that served the mount is gone. One that does not answer within a second lives.
bool is_dead_mount(const std::string& absolute_path);

/// Lifts the mount at once, even when files are open there. False when it can't (then errno says why).
bool detach(const std::string& absolute_path);

/// Lifts the mount if nothing is open there.
bool unmount_if_idle(const std::string& absolute_path);

/// The mount's .platefs/status.json, or empty when it does not answer within a second, or answers more than any
/// status has.
std::string read_status(const std::string& absolute_path);

/// An exclusive lock on a directory, for the decisions of several commands about one place: whether something is to
/// be mounted there, or a dead mount to be lifted. Ends with the object, or with the process.
class DirectoryLock {
 public:
  /// Waits for it for `patience`. Where directories can't be opened or locked there is none, and nothing is decided
  /// otherwise than without. Throws Error{Rejected} when another process keeps it.
  DirectoryLock(const std::string& directory, std::chrono::milliseconds patience);
  ~DirectoryLock() { release(); }
  DirectoryLock(const DirectoryLock&) = delete;
  DirectoryLock& operator=(const DirectoryLock&) = delete;

  void release();

 private:
  int fd_ = -1;
};

}  // namespace platefs::tools
