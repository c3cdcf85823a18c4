// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sys/types.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>

#include "fs/fuse/size_belief.h"
#include "vo/base/guarded.h"

namespace platefs::fs {

/// Threads that were told ESTALE when they opened a file, so that the kernel looks the name up for them and
/// opens again, at once and only once. What they are to get is kept for them meanwhile. Thread-safe.
class ReturningCallers {
 public:
  struct Return {
    std::uint64_t inode = 0;     ///< 0: another version, under another inode
    OpenContent content;         ///< none for inode 0
    bool has_looked_up = false;  ///< had an answer with attributes of `inode` since
    std::uint64_t number = 0;
  };

  /// The number of this return, for give_up(); none when the thread is expected already: threads of other PID
  /// namespaces are all number 0.
  std::optional<std::uint64_t> expect(pid_t thread, std::uint64_t inode, OpenContent content);
  /// `thread` was told the attributes of `inode`.
  void note_attributes(pid_t thread, std::uint64_t inode);
  /// It opens again, if it was expected.
  std::optional<Return> take(pid_t thread);
  /// It has not come back (it was killed, or opens nothing any more): the return, if it is still expected.
  std::optional<Return> give_up(pid_t thread, std::uint64_t number);

 private:
  std::atomic<std::size_t> expected_{0};  ///< nearly always 0: nothing to lock for then
  struct Callers {
    std::map<pid_t, Return> by_thread;
    std::uint64_t last_number = 0;
  };
  std::optional<Return> extract(Callers& callers, std::map<pid_t, Return>::iterator at);

  vo::Guarded<Callers> callers_;
};

}  // namespace platefs::fs
