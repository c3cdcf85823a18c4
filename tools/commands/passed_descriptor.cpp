// SPDX-License-Identifier: BSD-3-Clause
#include "tools/commands/passed_descriptor.h"

#include <fmt/core.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <charconv>
#include <string_view>

#include "vo/base/error.h"

namespace platefs::tools {
namespace {

bool is_of_fuse(int fd) {
  constexpr unsigned kMisc = 10, kFuse = 229;  // of the kernel's list of devices
  struct stat facts = {};
  return ::fstat(fd, &facts) == 0 && S_ISCHR(facts.st_mode) && major(facts.st_rdev) == kMisc &&
         minor(facts.st_rdev) == kFuse;
}

}  // namespace

std::optional<int> passed_descriptor(const std::string& mountpoint) {
  constexpr std::string_view kFolder = "/dev/fd/";
  if (!mountpoint.starts_with(kFolder)) return std::nullopt;
  int fd = -1;
  const auto* last = mountpoint.data() + mountpoint.size();
  const auto [end, problem] = std::from_chars(mountpoint.data() + kFolder.size(), last, fd);
  if (problem != std::errc{} || end != last || !is_of_fuse(fd)) {
    throw vo::Error{
        vo::ErrorKind::Rejected,
        fmt::format("{} is no descriptor of /dev/fuse: the caller opens that, mounts it (type fuse.platefs, "
                    "option fd=N) and passes it on",
                    mountpoint)};
  }
  return fd;
}

}  // namespace platefs::tools
