// SPDX-License-Identifier: BSD-3-Clause
#include "tools/cli/standard_streams.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

namespace platefs::tools {

void keep_standard_streams_open() {
  // In this order each gets the lowest number that is free, which is its own.
  constexpr int kModes[] = {O_RDONLY, O_RDONLY, O_WRONLY};
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd) {
    const bool is_closed = ::fcntl(fd, F_GETFD) < 0 && errno == EBADF;
    if (is_closed) ::open("/dev/null", kModes[fd]);
  }
}

}  // namespace platefs::tools
