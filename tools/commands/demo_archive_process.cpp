// SPDX-License-Identifier: BSD-3-Clause
#include "tools/commands/demo_archive_process.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "tools/cli/progress.h"
#include "vo/base/error.h"

namespace platefs::tools {
namespace {

using vo::Error;
using vo::ErrorKind;

constexpr const char* kName = "platefs-demo-archive";
constexpr std::size_t kLongestLine = 1u << 16;

std::filesystem::path program_beside_this_one() {
  std::error_code unknown;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", unknown).parent_path() / kName;
  if (unknown || ::access(program.c_str(), X_OK) != 0) {
    throw Error{ErrorKind::NotFound, fmt::format("{}: {}; it comes with platefs, whose package or tarball has it",
                                                 program.string(), std::strerror(errno))};
  }
  return program;
}

/// In a session of its own: Ctrl-C at the terminal is for the process that shows what it serves.
[[noreturn]] void be_archive(const std::filesystem::path& program, int told, pid_t parent) {
  ::setsid();
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (::getppid() != parent) ::_exit(1);
  ::dup2(told, STDOUT_FILENO);
  ::execl(program.c_str(), kName, "--port", "0", "--file-port", "0", "--json", static_cast<char*>(nullptr));
  ::_exit(127);
}

std::string first_line(int fd) {
  std::string line;
  char buffer[4096];
  while (line.size() < kLongestLine && line.find('\n') == std::string::npos) {
    const auto got = ::read(fd, buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    line.append(buffer, static_cast<std::size_t>(got));
  }
  return line;
}

}  // namespace

DemoArchiveProcess::DemoArchiveProcess(const CommonOptions& options) {
  const auto program = program_beside_this_one();
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) {
    throw Error{ErrorKind::LocalIo, fmt::format("no pipe to {}: {}", kName, std::strerror(errno))};
  }
  const pid_t self = ::getpid();
  pid_ = ::fork();
  if (pid_ == 0) be_archive(program, ends[1], self);
  const int failure = errno;
  ::close(ends[1]);
  std::string line;
  if (pid_ > 0) {
    const Spinner spinner{options, "making the plates of the demo archive, once"};
    line = first_line(ends[0]);
  }
  ::close(ends[0]);
  if (pid_ < 0) throw Error{ErrorKind::LocalIo, fmt::format("{}: {}", program.string(), std::strerror(failure))};
  take_addresses(line);
}

DemoArchiveProcess::~DemoArchiveProcess() { end(); }

void DemoArchiveProcess::take_addresses(const std::string& line) {
  const auto told = nlohmann::json::parse(line, nullptr, false);
  const auto text = [&](const char* name) {
    return told.is_object() && told.contains(name) && told[name].is_string() ? told[name].get<std::string>() : "";
  };
  tap_ = text("tap");
  resolver_ = text("sesame");
  target_ = text("target");
  if (!tap_.empty() && !resolver_.empty() && !target_.empty()) return;
  end();
  throw Error{ErrorKind::LocalIo, fmt::format("{} did not start", kName)};
}

void DemoArchiveProcess::end() {
  if (pid_ <= 0) return;
  ::kill(pid_, SIGTERM);
  while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
}

}  // namespace platefs::tools
