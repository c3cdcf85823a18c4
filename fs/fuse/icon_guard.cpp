// SPDX-License-Identifier: BSD-3-Clause
#include "fs/fuse/icon_guard.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

namespace platefs::fs {
namespace {

constexpr std::size_t kCommLength = 15;

std::string program_of(pid_t process) {
  const int fd = ::open(fmt::format("/proc/{}/comm", process).c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return {};
  char name[64] = {};
  const auto got = ::read(fd, name, sizeof name);
  ::close(fd);
  std::string program(name, static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
  if (program.ends_with('\n')) program.pop_back();
  return program;
}

}  // namespace

const std::vector<std::string>& usual_guarded_programs() {
  // GLib names the threads that sniff "pool-<program>", or "pool" alone in older versions. What draws the icons
  // is often a program of its own that tumblerd or the desktop starts for each file.
  static const std::vector<std::string> programs{
      "thunar",         "nautilus",       "tumblerd",        "pool-*",          "pool",
      "kioworker*",     "nemo*",          "caja*",           "pcmanfm*",        "dolphin",
      "konqueror",      "krusader",       "kioslave*",       "kio_*",           "kio-*",
      "spacefm",        "gthumb",         "gvfsd*",          "gnome-desktop*",  "gdk-pixbuf-thum*",
      "glycin-*",       "gst-thumbnail*", "raw-thumbnailer", "evince-thumbna*", "totem-video-th*",
      "ffmpegthumbnai", "baloo_file*",    "tracker-*",       "localsearch*",    "recollindex"};
  return programs;
}

IconGuard::IconGuard(std::vector<std::string> programs, std::function<void(std::string_view)> log)
    : programs_(std::move(programs)), log_(std::move(log)) {
  for (auto& program : programs_) {
    if (!program.ends_with('*') && program.size() > kCommLength) program.resize(kCommLength);
  }
}

bool IconGuard::is_listed(std::string_view program) const {
  return std::any_of(programs_.begin(), programs_.end(), [&](std::string_view listed) {
    if (!listed.ends_with('*')) return program == listed;
    return program.starts_with(listed.substr(0, std::min(listed.size() - 1, kCommLength)));
  });
}

bool IconGuard::turns_away(pid_t process) const {
  if (process <= 0 || programs_.empty()) return false;
  const auto program = program_of(process);
  if (program.empty() || !is_listed(program)) return false;
  if (told_.lock()->insert(program).second) {
    log_(fmt::format("'{}' may only open files that are in the cache: it would fetch all to draw icons", program));
  }
  return true;
}

}  // namespace platefs::fs
