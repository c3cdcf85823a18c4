// SPDX-License-Identifier: BSD-3-Clause
#include "tools/commands/mount_command.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <optional>
#include <string>

#include "fs/fuse/kernel_readahead.h"
#include "fs/fuse/session.h"
#include "tools/cli/configuration.h"
#include "tools/cli/credits.h"
#include "tools/cli/end_signals.h"
#include "tools/cli/log.h"
#include "tools/cli/progress.h"
#include "tools/cli/reporting.h"
#include "tools/cli/sequence_sources.h"
#include "tools/cli/status.h"
#include "tools/cli/version.h"
#include "tools/commands/daemon.h"
#include "tools/commands/doctor_checks.h"
#include "tools/commands/mountpoint.h"
#include "tools/commands/passed_descriptor.h"
#include "tools/commands/wiring.h"
#include "vo/base/error.h"
#include "vo/base/thread.h"

namespace platefs::tools {
namespace {

using vo::Error;
using vo::ErrorKind;
using namespace std::chrono_literals;

constexpr auto kPatienceForOthers = 10s;  // two commands at one place

[[noreturn]] void refuse_second(const std::string& mountpoint) {
  throw Error{ErrorKind::Rejected,
              fmt::format("{} is mounted already; `platefs unmount {}` first", mountpoint, mountpoint)};
}

/// A mount whose process died is lifted; one that lives, or is stopped, is left alone.
void clear_stale_mount(const std::string& mountpoint) {
  if (!mount_state(mountpoint).is_ours) return;
  if (!is_dead_mount(mountpoint)) refuse_second(mountpoint);
  // Nothing below a dead mount can be locked. Another command may have mounted anew since it was found dead.
  const DirectoryLock lock{std::filesystem::path{mountpoint}.parent_path().string(), kPatienceForOthers};
  if (mount_state(mountpoint).is_ours && is_dead_mount(mountpoint)) detach(mountpoint);
}

/// Keeps the place for this command until its mount stands; others then find that.
DirectoryLock kept_place(const std::string& mountpoint) { return DirectoryLock{mountpoint, kPatienceForOthers}; }

void check_mountpoint(const std::string& mountpoint) {
  std::error_code problem;
  if (!std::filesystem::exists(mountpoint, problem)) {
    throw Error{ErrorKind::NotFound, fmt::format("{} does not exist; `mkdir -p {}` first", mountpoint, mountpoint)};
  }
  if (!std::filesystem::is_directory(mountpoint, problem)) {
    throw Error{ErrorKind::Rejected, fmt::format("{} is not a directory", mountpoint)};
  }
  if (::access("/dev/fuse", R_OK | W_OK) != 0) {
    throw Error{ErrorKind::LocalIo, fmt::format("/dev/fuse: {}; `platefs doctor` says how to mend it; {}",
                                                std::strerror(errno), kWithoutFuse)};
  }
}

void tell_what_becomes_readable(const CommonOptions& options, const std::string& mountpoint) {
  std::string with_credentials;
  for (const auto& entry : archives_from(options)) {
    if (entry.has_credentials()) with_credentials += (with_credentials.empty() ? "" : ", ") + entry.name;
  }
  message(
      "--allow-other: every user of this machine can read all below {}: the targets that were looked up, their "
      "plates, the log{}",
      mountpoint, with_credentials.empty() ? "" : ", and what your credentials open at " + with_credentials);
}

/// For a person at a terminal.
void tell_what_is_where(const CommonOptions& options, const std::string& mountpoint) {
  std::string names;
  for (const auto& entry : archives_from(options)) names += (names.empty() ? "" : ", ") + entry.name;
  write_message(
      fmt::format("{0} shows {1}: ls {0}/M31, or any place such as {0}/156.011+48.148\n"
                  "  help   {0}/README.txt\n"
                  "  log    {2}\n"
                  "  end    platefs unmount {0}\n",
                  mountpoint, harmless(names), default_log_file().string()));
}

/// -v and -q on what is worth a line of the log.
std::string log_level_of_mount(const CommonOptions& options) {
  if (options.verbose) return "debug";
  return options.quiet && options.log_level == "info" ? "warning" : options.log_level;
}

fs::MountOptions mount_options(const MountCommand& command, const std::string& mountpoint, const Log& log) {
  fs::MountOptions options;
  options.mountpoint = mountpoint;
  options.default_radius = radius_from(command.common.radius);
  options.look = {command.common.positive ? "positive" : "",
                  command.common.kernel == "bilinear" ? "" : command.common.kernel, sequences_of(command.common, log)};
  options.prefetch = static_cast<std::size_t>(command.common.jobs_per_host);
  options.allow_other = command.common.allow_other;
  options.fuse_options = command.fuse_options;
  options.guarded_programs = command.common.guarded_programs;
  options.ownership = {::getuid(), ::getgid(), unix_now(), command.common.mtime == "fetched"};
  options.log = [log](std::string_view text) { log.info(text); };
  return options;
}

/// Ends the session on SIGTERM or SIGINT.
class EndBySignal {
 public:
  EndBySignal(EndSignals& signals, fs::Session& session)
      : signals_(signals),
        waiter_(
            "signals",
            [&] {
              if (signals.wait() != 0) session.request_exit();
            },
            [&](const Error&) { session.request_exit(); }) {}
  ~EndBySignal() { signals_.release(); }
  EndBySignal(const EndBySignal&) = delete;
  EndBySignal& operator=(const EndBySignal&) = delete;

 private:
  EndSignals& signals_;
  vo::Thread waiter_;  // joined when it has been released
};

/// The directory below the mount, kept open: by it `platefs unmount` knows the process that serves the mount where
/// the kernel does not tell.
class DirectoryBelow {
 public:
  explicit DirectoryBelow(const std::string& mountpoint)
      : fd_(::open(mountpoint.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)) {}
  ~DirectoryBelow() {
    if (fd_ >= 0) ::close(fd_);
  }
  DirectoryBelow(const DirectoryBelow&) = delete;
  DirectoryBelow& operator=(const DirectoryBelow&) = delete;

 private:
  int fd_;
};

/// The mount is there when it answers, and only then is the caller told.
vo::Thread report_when_answering(const std::string& mountpoint, const ReportStart& report) {
  return vo::Thread{"probe",
                    [mountpoint, report] {
                      struct stat facts = {};
                      if (::stat(mountpoint.c_str(), &facts) != 0) {
                        return report(Error{ErrorKind::LocalIo,
                                            fmt::format("{} does not answer: {}", mountpoint, std::strerror(errno))});
                      }
                      fs::raise_kernel_readahead(facts.st_dev);
                      report(std::nullopt);
                    },
                    report};
}

/// A mount that libfuse or fusermount3 refuses is told along with what does without them.
fs::Session mounted(const fs::MountOptions& options, cache::Library& library, const fs::Documents& documents) {
  try {
    return {options, library, documents};
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::LocalIo) throw;
    throw Error{error.kind(), fmt::format("{}; {}", error.message(), kWithoutFuse)};
  }
}

/// Serves until the mount is gone. The Error: what came last is not in the cache.
std::optional<Error> serve_mount(const MountCommand& command, const std::string& mountpoint, const Log& log,
                                 EndSignals& signals, const ReportStart& report) {
  Application application{command.common, log, Application::WaitPolicy::Listings};
  const bool is_passed = passed_descriptor(mountpoint).has_value();
  const auto options = mount_options(command, mountpoint, log);
  const auto activity = options.activity;
  const fs::Documents documents{application.library(),
                                {.mountpoint = is_passed ? "" : mountpoint,  // where it is, the caller knows
                                 .version = std::string{version()},
                                 .status = [&] { return application.status_json(mountpoint, activity->files()); },
                                 .now = [activity] { return now_text(activity->files()); },
                                 .config = [&] { return effective_configuration(command.common); },
                                 .log = [&] { return log.recent(); },
                                 .credits = credits_of(command.common),
                                 .has_placeholders = command.common.placeholders,
                                 .sequences = options.look.sequences}};
  const DirectoryBelow below{mountpoint};
  vo::Thread probe;  // its question ends with the session at the latest
  fs::Session session = mounted(options, application.library(), documents);
  const EndBySignal by_signal{signals, session};
  if (!is_passed) probe = report_when_answering(mountpoint, report);
  session.run();
  // Replies that are parked need the session: answer them all before it goes.
  return application.stop();
}

int serve(const MountCommand& command, const std::string& mountpoint, const ReportStart& report) {
  try {
    const auto log = command.foreground ? Log::to_stderr(log_level_of_mount(command.common))
                                        : Log::to_file(default_log_file(), log_level_of_mount(command.common));
    EndSignals signals{EndSignals::Of::Mount};
    const auto not_kept = serve_mount(command, mountpoint, log, signals, report);
    if (not_kept) log.warn(fmt::format("what came last is not in the cache: {}", not_kept->what()));
    log.info("unmounted");
    return not_kept ? kFailed : kDone;
  } catch (const Error& error) {
    report(error);
  } catch (const std::exception& problem) {
    report(Error{ErrorKind::LocalIo, problem.what()});
  }
  return kFailed;
}

/// The caller mounted it, and looks after that.
int serve_passed(const MountCommand& command) {
  if (!command.foreground) {
    throw Error{ErrorKind::Rejected, fmt::format("{} is served in the foreground alone: -f", command.mountpoint)};
  }
  return run_in_foreground([&](const ReportStart& report) { return serve(command, command.mountpoint, report); });
}

}  // namespace

int run_mount(const MountCommand& given) {
  return reporting_errors([command = given]() mutable {
    settle(command.common);
    if (passed_descriptor(command.mountpoint)) {
      check_options(command.common);
      return serve_passed(command);
    }
    const auto mountpoint = absolute_mountpoint(command.mountpoint);
    check_options(command.common);  // wrong usage is told here, not by the child
    clear_stale_mount(mountpoint);
    auto place = kept_place(mountpoint);
    if (mount_state(mountpoint).is_ours) refuse_second(mountpoint);
    check_mountpoint(mountpoint);
    if (command.common.allow_other) tell_what_becomes_readable(command.common, mountpoint);
    if (!command.foreground) {
      const int code = run_in_background([&](const ReportStart& report) { return serve(command, mountpoint, report); });
      if (code == kDone && shows_progress(command.common)) tell_what_is_where(command.common, mountpoint);
      return code;
    }
    return run_in_foreground([&](const ReportStart& report) {
      return serve(command, mountpoint, [&, report](const std::optional<Error>& problem) {
        place.release();
        report(problem);
        if (!problem && command.announce) command.announce(mountpoint);
      });
    });
  });
}

}  // namespace platefs::tools
