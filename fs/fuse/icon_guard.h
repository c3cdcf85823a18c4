// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sys/types.h>

#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "vo/base/guarded.h"

namespace platefs::fs {

/// File managers and thumbnailers that open every file of a directory to draw its icon. Each would fetch
/// a whole directory of plates for one look.
const std::vector<std::string>& usual_guarded_programs();

/// Keeps such programs from what is not in the cache. Thread-safe.
class IconGuard {
 public:
  /// `programs` are names as the kernel has them (/proc/PID/comm, cut at 15 characters); a '*' at the end
  /// stands for any rest. `log` hears of each program once.
  IconGuard(std::vector<std::string> programs, std::function<void(std::string_view)> log);

  /// Is the process (or thread) one of them? Reads one small file of /proc. A process that can't be seen,
  /// as from another PID namespace, is not.
  bool turns_away(pid_t process) const;

 private:
  bool is_listed(std::string_view program) const;

  std::vector<std::string> programs_;
  std::function<void(std::string_view)> log_;
  mutable vo::Guarded<std::set<std::string>> told_;
};

}  // namespace platefs::fs
