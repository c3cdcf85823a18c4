// SPDX-License-Identifier: BSD-3-Clause
#include "fs/fuse/kernel_readahead.h"

#include <fcntl.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <cstdio>
#include <string_view>

namespace platefs::fs {

bool raise_kernel_readahead(dev_t device) noexcept {
  if (major(device) != 0) return false;
  char path[64];
  std::snprintf(path, sizeof path, "/sys/class/bdi/0:%u/read_ahead_kb", minor(device));
  const int setting = ::open(path, O_WRONLY | O_CLOEXEC);
  if (setting < 0) return false;
  constexpr std::string_view kKilobytes = "256";
  const bool is_done = ::write(setting, kKilobytes.data(), kKilobytes.size()) > 0;
  ::close(setting);
  return is_done;
}

}  // namespace platefs::fs
