// SPDX-License-Identifier: BSD-3-Clause
#include "tools/commands/serving_process.h"

#include <fmt/core.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <charconv>
#include <filesystem>
#include <fstream>
#include <utility>

namespace platefs::tools {
namespace {

namespace stdfs = std::filesystem;

// By their numbers: the header of glibc 2.36 declares both for C alone.
int pidfd_of(pid_t pid) { return static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)); }
void send(int signal, int pidfd) { ::syscall(SYS_pidfd_send_signal, pidfd, signal, nullptr, 0); }

std::string link_at(const stdfs::path& path) {
  std::error_code problem;
  return stdfs::read_symlink(path, problem).string();
}

std::optional<pid_t> pid_in(const std::string& name) {
  pid_t number = 0;
  const auto [end, problem] = std::from_chars(name.data(), name.data() + name.size(), number);
  return problem == std::errc{} && end == name.data() + name.size() ? std::optional{number} : std::nullopt;
}

bool belongs_to(const stdfs::path& process, uid_t user) {
  struct stat facts = {};
  return ::stat(process.c_str(), &facts) == 0 && facts.st_uid == user;
}

/// The file itself, or an older one of the same path: an upgrade replaced it while the mount lives.
bool runs_this_program(const stdfs::path& process) {
  const auto own = link_at("/proc/self/exe"), other = link_at(process / "exe");
  return !own.empty() && (other == own || other == own + " (deleted)");
}

/// What the kernel says (since 6.16) about a descriptor of /dev/fuse: the minor number of its mount's device.
std::optional<unsigned> connection_of(const stdfs::path& fdinfo) {
  std::ifstream file{fdinfo};
  constexpr std::string_view mark = "fuse_connection:";
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with(mark)) continue;
    const auto at = line.find_first_not_of(" \t", mark.size());
    unsigned number = 0;
    if (at != std::string::npos) std::from_chars(line.data() + at, line.data() + line.size(), number);
    return number;
  }
  return std::nullopt;
}

/// By the connection where the kernel tells it, else by the directory that the process keeps open below its mount.
bool serves(const stdfs::path& process, const std::string& mountpoint, unsigned device) {
  bool has_fuse = false, has_directory = false, is_told = false;
  std::error_code problem;
  for (const auto& entry : stdfs::directory_iterator{process / "fd", problem}) {
    const auto target = link_at(entry.path());
    has_directory |= target == mountpoint;
    if (target != "/dev/fuse") continue;
    has_fuse = true;
    const auto connection = connection_of(process / "fdinfo" / entry.path().filename());
    is_told |= connection.has_value();
    if (connection == device) return true;
  }
  return has_fuse && !is_told && has_directory;
}

}  // namespace

std::optional<ServingProcess> ServingProcess::of(const std::string& mountpoint, const MountState& state) {
  if (!state.is_ours || !state.user) return std::nullopt;
  std::error_code problem;
  for (const auto& entry : stdfs::directory_iterator{"/proc", problem}) {
    const auto& process = entry.path();
    const auto pid = pid_in(process.filename().string());
    if (!pid || pid == ::getpid() || !belongs_to(process, *state.user) || !runs_this_program(process)) continue;
    const int fd = pidfd_of(*pid);  // what is found out below is then about this very process
    if (fd < 0) continue;
    ServingProcess found{*pid, fd};
    const bool is_proven =
        belongs_to(process, *state.user) && runs_this_program(process) && serves(process, mountpoint, state.device);
    if (is_proven && !found.ends_within(std::chrono::milliseconds{0})) return found;
  }
  return std::nullopt;
}

ServingProcess::ServingProcess(ServingProcess&& other) noexcept : pid_(other.pid_), fd_(std::exchange(other.fd_, -1)) {}

ServingProcess::~ServingProcess() {
  if (fd_ >= 0) ::close(fd_);
}

void ServingProcess::terminate() const { send(SIGTERM, fd_); }

void ServingProcess::wake() const { send(SIGCONT, fd_); }

bool ServingProcess::ends_within(std::chrono::milliseconds patience) const {
  // Readable when it has ended, even if nobody has asked for its exit status yet.
  pollfd waiting{fd_, POLLIN, 0};
  return ::poll(&waiting, 1, static_cast<int>(patience.count())) > 0;
}

}  // namespace platefs::tools
