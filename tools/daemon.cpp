// SPDX-License-Identifier: BSD-3-Clause
#include "tools/daemon.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "tools/options.h"

namespace platefs::tools {
namespace {

constexpr char kReady = '+';
constexpr char kProblem = '-';

void write_all(int fd, const std::string& text) {
  std::size_t done = 0;
  while (done < text.size()) {
    const auto put = ::write(fd, text.data() + done, text.size() - done);
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) return;                            // the parent is gone: nobody to tell
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

[[noreturn]] void be_child(int report_fd, const std::function<int(ReportStart)>& serve) {
  ::setsid();
  [[maybe_unused]] const int ignored = ::chdir("/");
  const int code = serve([report_fd](const std::string& problem) {
    write_all(report_fd, problem.empty() ? std::string{kReady} : kProblem + problem);
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
  fmt::print(stderr, "platefs: {}\n",
             report.empty() ? "the serving process ended before the mount stood" : report.substr(1));
  return kFailed;
}

}  // namespace

int run_in_background(const std::function<int(ReportStart)>& serve) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) {
    std::perror("platefs: pipe");
    return kFailed;
  }
  const pid_t child = ::fork();
  if (child < 0) {
    std::perror("platefs: fork");
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
  return serve([](const std::string& problem) {
    if (!problem.empty()) fmt::print(stderr, "platefs: {}\n", problem);
  });
}

}  // namespace platefs::tools
