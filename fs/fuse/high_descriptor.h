// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>

namespace platefs::fs {

/// With -o auto_unmount fusermount3 stays, and waits for the end of a socket that libfuse keeps open. Then it opens the
/// mountpoint, once, and unmounts where that fails by ENOTCONN. Of a process that is killed the kernel lets go of the
/// descriptor with the highest number first (task_work_run(), Linux 4.x to 6.x): that of the socket before that of
/// /dev/fuse, so that the mountpoint may be opened before the connection is over. That fails by ECONNABORTED, and a
/// dead mount stays. So the connection is held by a number above all others as well.
class HighDescriptor {
 public:
  explicit HighDescriptor(int connection) : fd_(::fcntl(connection, F_DUPFD_CLOEXEC, high_number())) {}
  ~HighDescriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  HighDescriptor(const HighDescriptor&) = delete;
  HighDescriptor& operator=(const HighDescriptor&) = delete;

 private:
  /// Above what is open when a mount begins.
  static int high_number() {
    constexpr rlim_t kHigh = 1023;
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return static_cast<int>(kHigh);
    return static_cast<int>(std::min(kHigh, std::max<rlim_t>(limit.rlim_cur, 1) - 1));
  }

  int fd_;
};

}  // namespace platefs::fs
