// SPDX-License-Identifier: BSD-3-Clause
#include "tools/commands/daemon.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string>

#include "tools/cli/options.h"
#include "tools/cli/reporting.h"

namespace platefs::tools {
namespace {

constexpr char kReady = '+';
constexpr char kProblem = '-';
constexpr char kRejected = '?';

void write_all(int fd, const std::string& text) {
  std::size_t done = 0;
  while (done < text.size()) {
    const auto put = ::write(fd, text.data() + done, text.size() - done);
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) return;  // the parent is gone: nobody to tell
    done += static_cast<std::size_t>(put);
  }
}

// Whoever called us may wait for our output to end: let go of it once the mount stands.
void leave_terminal() {
  const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  if (null < 0) return;
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) ::dup2(null, fd);
  ::close(null);
}

std::string report_of(const std::optional<vo::Error>& problem) {
  if (!problem) return {kReady};
  return (problem->kind() == vo::ErrorKind::Rejected ? kRejected : kProblem) + problem->message();
}

// A lock or a pipe of the caller would live as long as the mount does. Returns where `kept` is now.
int close_inherited(int kept) {
  constexpr int kFirst = STDERR_FILENO + 1;
  if (kept != kFirst) ::dup3(kept, kFirst, O_CLOEXEC);
  ::close_range(kFirst + 1, ~0u, 0);
  return kFirst;
}

[[noreturn]] void be_child(int inherited_report_fd, const std::function<int(ReportStart)>& serve) {
  const int report_fd = close_inherited(inherited_report_fd);
  ::setsid();
  [[maybe_unused]] const int ignored = ::chdir("/");
  const auto has_reported = std::make_shared<std::atomic<bool>>(false);
  const int code = serve([report_fd, has_reported](const std::optional<vo::Error>& problem) {
    if (has_reported->exchange(true)) return;
    write_all(report_fd, report_of(problem));
    ::close(report_fd);
    leave_terminal();
  });
  std::fflush(nullptr);
  ::_exit(code);
}

int wait_for_report(int fd) {
  std::string report;
  char buffer[1024];
  while (true) {
    const auto got = ::read(fd, buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    report.append(buffer, static_cast<std::size_t>(got));
    if (report.front() == kReady) return kDone;
  }
  message("{}", report.empty() ? "the serving process ended before the mount stood" : report.substr(1));
  return report.starts_with(kRejected) ? kWrongUsage : kFailed;
}

}  // namespace

int run_in_background(const std::function<int(ReportStart)>& serve) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) {
    message("no pipe to the serving process: {}", std::strerror(errno));
    return kFailed;
  }
  const pid_t child = ::fork();
  if (child < 0) {
    message("no serving process: {}", std::strerror(errno));
    return kFailed;
  }
  if (child == 0) {
    ::close(ends[0]);
    be_child(ends[1], serve);
  }
  ::close(ends[1]);
  const int code = wait_for_report(ends[0]);
  ::close(ends[0]);
  if (code != kDone) ::waitpid(child, nullptr, 0);
  return code;
}

int run_in_foreground(const std::function<int(ReportStart)>& serve) {
  std::atomic<bool> has_reported = false;
  std::atomic<bool> was_rejected = false;
  const int code = serve([&](const std::optional<vo::Error>& problem) {
    if (has_reported.exchange(true) || !problem) return;
    was_rejected = problem->kind() == vo::ErrorKind::Rejected;
    message("{}", problem->message());
  });
  return was_rejected ? kWrongUsage : code;
}

}  // namespace platefs::tools
