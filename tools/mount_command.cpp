// SPDX-License-Identifier: BSD-3-Clause
#include "tools/mount_command.h"

#include <fmt/core.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

#include "fs/kernel_readahead.h"
#include "fs/session.h"
#include "tools/configuration.h"
#include "tools/credits.h"
#include "tools/daemon.h"
#include "tools/log.h"
#include "tools/mountpoint.h"
#include "tools/reporting.h"
#include "tools/status.h"
#include "tools/version.h"
#include "tools/wiring.h"
#include "vo/error.h"

namespace platefs::tools {
namespace {

using vo::Error;
using vo::ErrorKind;
using namespace std::chrono_literals;

/// The kernel may still know the attributes of the root when the process is gone; statfs it always asks.
bool is_dead(const std::string& mountpoint) {
  struct statvfs facts = {};
  return ::statvfs(mountpoint.c_str(), &facts) != 0 && errno == ENOTCONN;
}

// A mount whose process died is lifted; one that lives is left alone.
void clear_stale_mount(const std::string& mountpoint) {
  if (!mount_state(mountpoint).is_ours) return;
  if (!is_dead(mountpoint)) {
    throw Error{ErrorKind::Rejected,
                fmt::format("{} is mounted already; `platefs unmount {}` first", mountpoint, mountpoint)};
  }
  detach(mountpoint);
}

void check_mountpoint(const std::string& mountpoint) {
  clear_stale_mount(mountpoint);
  std::error_code problem;
  if (!std::filesystem::exists(mountpoint, problem)) {
    throw Error{ErrorKind::NotFound,
                fmt::format("{} does not exist; `mkdir -p {}` first", mountpoint, mountpoint)};
  }
  if (!std::filesystem::is_directory(mountpoint, problem)) {
    throw Error{ErrorKind::Rejected, fmt::format("{} is not a directory", mountpoint)};
  }
  if (::access("/dev/fuse", R_OK | W_OK) != 0) {
    throw Error{ErrorKind::LocalIo,
                fmt::format("/dev/fuse: {}; `platefs doctor` says how to mend it", std::strerror(errno))};
  }
}

fs::MountOptions mount_options(const MountCommand& command, const std::string& mountpoint,
                               const Log& log) {
  fs::MountOptions options;
  options.mountpoint = mountpoint;
  options.default_radius = radius_from(command.common.radius);
  options.run_ahead = static_cast<std::size_t>(command.common.jobs_per_host);
  options.allow_other = command.common.allow_other;
  options.fuse_options = command.fuse_options;
  options.sniffers = command.common.guarded_programs;
  options.ownership = {::getuid(), ::getgid(), unix_now(), command.common.mtime == "fetched"};
  options.log = [log](std::string_view text) { log.info(text); };
  return options;
}

/// Ends the session on SIGTERM or SIGINT; HUP is no reason to go. Made before any other thread, so that
/// all of them inherit the mask.
class ExitSignals {
 public:
  ExitSignals() {
    sigemptyset(&signals_);
    for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGUSR2}) sigaddset(&signals_, signal);
    pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
    ::signal(SIGPIPE, SIG_IGN);
  }

  void serve(fs::Session& session) {
    waiter_ = std::thread([this, &session] {
      int signal = SIGHUP;
      while (signal == SIGHUP) sigwait(&signals_, &signal);
      if (signal != SIGUSR2) session.request_exit();
    });
  }
  void stop() {
    pthread_kill(waiter_.native_handle(), SIGUSR2);
    waiter_.join();
  }

 private:
  sigset_t signals_ = {};
  std::thread waiter_;
};

// The mount is there when it answers, and only then is the caller told.
std::thread report_when_answering(const std::string& mountpoint, const ReportStart& report) {
  return std::thread([mountpoint, report] {
    struct stat facts = {};
    const bool answers = ::stat(mountpoint.c_str(), &facts) == 0;
    if (answers) fs::raise_kernel_readahead(facts.st_dev);
    report(answers ? "" : fmt::format("{} does not answer: {}", mountpoint, std::strerror(errno)));
  });
}

int serve(const MountCommand& command, const std::string& mountpoint, const ReportStart& report) {
  try {
    const auto log = command.foreground
                         ? Log::to_stderr(command.common.log_level)
                         : Log::to_file(default_log_file(), command.common.log_level);
    ExitSignals signals;
    House house{command.common, log};
    const fs::Documents documents{house.library(),
                                  {.mountpoint = mountpoint,
                                   .version = std::string{version()},
                                   .status = [&] { return house.status_json(mountpoint); },
                                   .config = [&] { return effective_configuration(command.common); },
                                   .log = [&] { return log.recent(); },
                                   .credits = credits_of(command.common)}};
    {
      fs::Session session{mount_options(command, mountpoint, log), house.library(), documents};
      signals.serve(session);
      auto probe = report_when_answering(mountpoint, report);
      session.run();
      // Replies that are parked need the session: answer them all before it goes.
      house.stop();
      signals.stop();
      probe.join();
    }
    log.info("unmounted");
    return kDone;
  } catch (const std::exception& error) {
    report(error.what());
    return kFailed;
  }
}

bool ended_within(std::chrono::milliseconds patience, const std::function<bool()>& has_ended) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (!has_ended()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(5ms);
  }
  return true;
}

/// Ended, even if nobody has asked for its exit status yet: where no init does, it stays a zombie.
bool process_is_gone(int pid) {
  if (pid <= 0) return true;
  std::ifstream file{fmt::format("/proc/{}/stat", pid)};
  std::string facts;
  if (!std::getline(file, facts)) return true;
  const auto name_end = facts.rfind(") ");           // "PID (name) STATE …", and the name may be anything
  return name_end != std::string::npos && facts[name_end + 2] == 'Z';
}

}  // namespace

int run_mount(const MountCommand& given) {
  return reporting_errors([command = given]() mutable {
    settle(command.common);
    const auto mountpoint = absolute_mountpoint(command.mountpoint);
    check_mountpoint(mountpoint);
    check_options(command.common);                   // wrong usage is told here, not by the child
    const auto serving = [&](const ReportStart& report) { return serve(command, mountpoint, report); };
    return command.foreground ? run_in_foreground(serving) : run_in_background(serving);
  });
}

int run_unmount(const std::string& path) {
  const auto mountpoint = absolute_mountpoint(path);
  const auto state = mount_state(mountpoint);
  if (!state.is_ours) {
    fmt::print(stderr, "platefs: {} is not a mount of platefs; `findmnt -t fuse.platefs` lists those\n", mountpoint);
    return kFailed;
  }
  const int pid = pid_in(read_status(mountpoint));
  if (!unmount_if_idle(mountpoint)) {
    // Somebody has files open there, perhaps one that hangs: the process fails what waits, then goes.
    if (!detach(mountpoint)) {
      fmt::print(stderr, "platefs: can't unmount {}: {}\n", mountpoint, std::strerror(errno));
      return kFailed;
    }
    if (pid > 0) ::kill(pid, SIGTERM);
  }
  if (!ended_within(1500ms, [pid] { return process_is_gone(pid); })) {
    fmt::print(stderr, "platefs: {} is unmounted; process {} is still finishing\n", mountpoint, pid);
  }
  return kDone;
}

int run_status(const std::string& path, bool as_json) {
  const auto mountpoint = absolute_mountpoint(path);
  if (!mount_state(mountpoint).is_ours) {
    fmt::print(stderr, "platefs: {} is not a mount of platefs; `findmnt -t fuse.platefs` lists those\n", mountpoint);
    return kFailed;
  }
  const auto text = read_status(mountpoint);
  if (text.empty()) {
    fmt::print(stderr, "platefs: {} does not answer; `platefs unmount {}` lifts it\n", mountpoint,
               mountpoint);
    return kFailed;
  }
  fmt::print("{}", as_json ? text : status_text(text));
  return kDone;
}

}  // namespace platefs::tools
