// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>

#include "tools/commands/mountpoint.h"

namespace platefs::tools {

/// The process that serves a mount. No file inside a mount is asked which one that is: whoever made the mount wrote
/// the file, and whoever unmounts may be root.
class ServingProcess {
 public:
  /// The one that runs this program, belongs to the user who mounted, and holds the mount's connection open; nothing
  /// if there is none in sight. Ask before the mount is lifted.
  static std::optional<ServingProcess> of(const std::string& mountpoint, const MountState& state);

  ServingProcess(ServingProcess&& other) noexcept;
  ServingProcess& operator=(ServingProcess&&) = delete;
  ~ServingProcess();

  pid_t pid() const { return pid_; }
  // Signals never meet another process that got its number.
  void terminate() const;
  /// One that is stopped goes on, and hears what else it was sent.
  void wake() const;
  bool ends_within(std::chrono::milliseconds patience) const;

 private:
  ServingProcess(pid_t pid, int fd) : pid_(pid), fd_(fd) {}
  pid_t pid_;
  int fd_;  ///< a pidfd
};

}  // namespace platefs::tools
