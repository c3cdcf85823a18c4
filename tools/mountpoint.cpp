// SPDX-License-Identifier: BSD-3-Clause
#include "tools/mountpoint.h"

#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>
#include <poll.h>
#include <signal.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace platefs::tools {
namespace {

// mountinfo writes blanks and backslashes as octal escapes.
std::string unescaped(const std::string& text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 3 < text.size()) {
      plain += static_cast<char>(std::stoi(text.substr(i + 1, 3), nullptr, 8));
      i += 3;
    } else {
      plain += text[i];
    }
  }
  return plain;
}

bool run_fusermount(const char* flags, const std::string& path) {
  const pid_t child = ::fork();
  if (child == 0) {
    ::execlp("fusermount3", "fusermount3", flags, "--", path.c_str(), nullptr);
    ::_exit(127);
  }
  int status = 0;
  while (child > 0 && ::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  errno = EBUSY;
  return child > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace

MountState mount_state(const std::string& absolute_path) {
  std::ifstream table{"/proc/self/mountinfo"};
  MountState state;
  for (std::string line; std::getline(table, line);) {
    std::istringstream words{line};
    std::string id, parent, device, root, point;
    words >> id >> parent >> device >> root >> point;
    if (unescaped(point) != absolute_path) continue;
    state.is_mounted = true;                         // the last one wins: it lies on top
    state.is_ours = line.find(" - fuse.platefs ") != std::string::npos;
  }
  return state;
}

std::string absolute_mountpoint(const std::string& path) {
  namespace stdfs = std::filesystem;
  auto full = stdfs::absolute(path).lexically_normal();
  if (!full.has_filename()) full = full.parent_path();
  std::error_code ignored;
  const auto parent = stdfs::weakly_canonical(full.parent_path(), ignored);
  return ignored ? full.string() : (parent / full.filename()).string();
}

bool detach(const std::string& absolute_path) {
  if (::geteuid() == 0) return ::umount2(absolute_path.c_str(), MNT_DETACH) == 0;
  return run_fusermount("-uqz", absolute_path);
}

bool unmount_if_idle(const std::string& absolute_path) {
  if (::geteuid() == 0) return ::umount2(absolute_path.c_str(), 0) == 0;
  return run_fusermount("-uq", absolute_path);
}

// In a child, because a mount whose process is stopped would hold a reader for ever.
std::string read_status(const std::string& absolute_path) {
  int ends[2];
  if (::pipe(ends) != 0) return {};
  const pid_t child = ::fork();
  if (child == 0) {
    std::ifstream file{absolute_path + "/.platefs/status.json"};
    std::stringstream text;
    text << file.rdbuf();
    const auto all = text.str();
    const auto written = ::write(ends[1], all.data(), all.size());
    ::_exit(written == static_cast<ssize_t>(all.size()) ? 0 : 1);
  }
  ::close(ends[1]);
  std::string text;
  pollfd waiting{ends[0], POLLIN, 0};
  char buffer[4096];
  while (child > 0 && ::poll(&waiting, 1, 1000) > 0) {
    const auto got = ::read(ends[0], buffer, sizeof buffer);
    if (got <= 0) break;
    text.append(buffer, static_cast<std::size_t>(got));
  }
  ::close(ends[0]);
  if (child > 0) {
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
  }
  return text;
}

}  // namespace platefs::tools
