// SPDX-License-Identifier: BSD-3-Clause
#include "tools/commands/unmount_command.h"

#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <thread>

#include "tools/cli/options.h"
#include "tools/cli/reporting.h"
#include "tools/cli/status.h"
#include "tools/commands/mountpoint.h"
#include "tools/commands/serving_process.h"

namespace platefs::tools {
namespace {

using namespace std::chrono_literals;

int tell_that_nothing_is_mounted(const std::string& mountpoint) {
  message("{} is not a mount of platefs; `findmnt -t fuse.platefs` lists those", mountpoint);
  return kFailed;
}

/// Its status; empty, and told, when there is none.
std::string answer_of(const std::string& mountpoint) {
  auto text = read_status(mountpoint);
  if (text.empty()) message("{} does not answer; `platefs unmount {}` lifts it", mountpoint, mountpoint);
  return text;
}

int status_of_all(bool as_json) {
  const auto mountpoints = own_mounts();
  if (mountpoints.empty()) message("nothing of yours is mounted; `platefs mount DIRECTORY` does it");
  std::string shown;
  std::size_t answered = 0;
  for (const auto& mountpoint : mountpoints) {
    const auto text = answer_of(mountpoint);
    if (text.empty()) continue;
    if (answered++ > 0) shown += as_json ? ",\n" : "\n";
    shown += as_json ? text : status_text(text);
  }
  if (!write_out(as_json ? "[" + shown + "]\n" : shown)) return kFailed;
  if (answered == mountpoints.size()) return kDone;
  return answered > 0 ? kDoneInPart : kFailed;
}

int show_status(const StatusCommand& command) {
  if (command.mountpoint.empty()) return status_of_all(command.as_json);
  const auto mountpoint = absolute_mountpoint(command.mountpoint);
  if (!mount_state(mountpoint).is_ours) return tell_that_nothing_is_mounted(mountpoint);
  const auto text = answer_of(mountpoint);
  if (text.empty()) return kFailed;
  return write_out(command.as_json ? text : status_text(text)) ? kDone : kFailed;
}

}  // namespace

int run_unmount(const std::string& path) {
  const auto mountpoint = absolute_mountpoint(path);
  const auto state = mount_state(mountpoint);
  if (!state.is_ours) return tell_that_nothing_is_mounted(mountpoint);
  const auto process = ServingProcess::of(mountpoint, state);
  if (!unmount_if_idle(mountpoint)) {
    // Somebody has files open there, perhaps one that hangs: the process fails what waits, then goes.
    if (!detach(mountpoint)) {
      message("can't unmount {}: {}", mountpoint, std::strerror(errno));
      return kFailed;
    }
    if (process) process->terminate();
  }
  if (process) process->wake();  // or it would never find that its mount is gone
  if (process && !process->ends_within(1500ms)) {
    message("{} is unmounted; process {} is still finishing", mountpoint, process->pid());
  }
  return kDone;
}

int run_status(const StatusCommand& command) {
  if (!command.watches) return show_status(command);
  while (true) {
    const bool is_terminal = ::isatty(STDOUT_FILENO) != 0;
    if (!write_out(is_terminal ? "\x1b[H\x1b[J" : "")) return kFailed;
    if (const int code = show_status(command); code == kFailed) return code;
    std::this_thread::sleep_for(1s);
  }
}

}  // namespace platefs::tools
