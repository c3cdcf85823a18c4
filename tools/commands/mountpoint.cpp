// SPDX-License-Identifier: BSD-3-Clause
#include "tools/commands/mountpoint.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>
#include <thread>

#include "tools/commands/child_answer.h"
#include "vo/base/error.h"

namespace platefs::tools {
namespace {

namespace stdfs = std::filesystem;
using namespace std::chrono_literals;

constexpr int kMostLinks = 40;  // as many as the kernel follows
constexpr std::size_t kLargestStatus = 8u << 20;

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

template <typename Number>
std::optional<Number> number_behind(const std::string& text, std::string_view mark) {
  const auto at = text.find(mark);
  if (at == std::string::npos) return std::nullopt;
  Number number = 0;
  const auto* begin = text.data() + at + mark.size();
  const auto [end, problem] = std::from_chars(begin, text.data() + text.size(), number);
  return problem == std::errc{} && end != begin ? std::optional{number} : std::nullopt;
}

void for_each_mount(const std::function<void(const std::string&, const MountState&)>& visit) {
  std::ifstream table{"/proc/self/mountinfo"};
  for (std::string line; std::getline(table, line);) {
    std::istringstream words{line};
    std::string id, parent, device, root, point;
    words >> id >> parent >> device >> root >> point;
    MountState state;
    state.is_mounted = true;
    const auto type = line.find(" - ");
    state.is_ours = type != std::string::npos && line.compare(type, 16, " - fuse.platefs ") == 0;
    state.device = number_behind<unsigned>(device, ":").value_or(0);
    state.user = type == std::string::npos ? std::nullopt : number_behind<uid_t>(line.substr(type), "user_id=");
    visit(unescaped(point), state);
  }
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

/// Without symbolic links in front of the last name, which stays as it is.
stdfs::path placed(const stdfs::path& path) {
  std::error_code problem;
  const auto parent = stdfs::weakly_canonical(path.parent_path(), problem);
  return problem ? path : parent / path.filename();
}

}  // namespace

std::vector<std::string> own_mounts() {
  std::vector<std::string> places;
  for_each_mount([&](const std::string& point, const MountState& state) {
    std::erase(places, point);  // the last one lies on top
    if (state.is_ours && state.user == ::geteuid()) places.push_back(point);
  });
  return places;
}

MountState mount_state(const std::string& absolute_path) {
  MountState found;
  for_each_mount([&](const std::string& point, const MountState& state) {
    if (point == absolute_path) found = state;  // the last one wins: it lies on top
  });
  return found;
}

std::string absolute_mountpoint(const std::string& path) {
  auto full = stdfs::absolute(path).lexically_normal();
  if (!full.has_filename()) full = full.parent_path();
  full = placed(full);
  for (int links = 0; links < kMostLinks; ++links) {
    // Where a mount lies at the path, this is told by the kernel alone: it is a directory, and no link.
    std::error_code is_no_link;
    const auto target = stdfs::read_symlink(full, is_no_link);
    if (is_no_link) break;
    full = full.parent_path() / target;
    if (!full.has_filename()) full = full.parent_path();
    const bool is_climbing = full.filename() == "." || full.filename() == "..";
    full = is_climbing ? stdfs::weakly_canonical(full, is_no_link) : placed(full);
  }
  return full.string();
}

bool is_dead_mount(const std::string& absolute_path) {
  const auto told = answer_of_child(
      [&](int answer) {
        struct statvfs facts = {};
        // The kernel may still know the attributes of the root when the process is gone; statfs it always asks.
        const bool is_dead = ::statvfs(absolute_path.c_str(), &facts) != 0 && errno == ENOTCONN;
        [[maybe_unused]] const auto written = ::write(answer, is_dead ? "dead" : "live", 4);
      },
      {.patience = 1s, .most_bytes = 4});
  return told == "dead";
}

bool detach(const std::string& absolute_path) {
  if (::geteuid() == 0) return ::umount2(absolute_path.c_str(), MNT_DETACH) == 0;
  return run_fusermount("-uqz", absolute_path);
}

bool unmount_if_idle(const std::string& absolute_path) {
  if (::geteuid() == 0) return ::umount2(absolute_path.c_str(), 0) == 0;
  return run_fusermount("-uq", absolute_path);
}

std::string read_status(const std::string& absolute_path) {
  const auto file = absolute_path + "/.platefs/status.json";
  return answer_of_child(
      [&](int answer) {
        const int fd = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
        char buffer[4096];
        for (ssize_t got = 0; fd >= 0 && (got = ::read(fd, buffer, sizeof buffer)) > 0;) {
          if (::write(answer, buffer, static_cast<std::size_t>(got)) != got) break;
        }
      },
      {.patience = 1s, .most_bytes = kLargestStatus});
}

DirectoryLock::DirectoryLock(const std::string& directory, std::chrono::milliseconds patience) {
  fd_ = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd_ < 0) return;
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (::flock(fd_, LOCK_EX | LOCK_NB) != 0) {
    if (errno == EINTR) continue;
    if (errno != EWOULDBLOCK) {
      release();
      return;
    }
    if (std::chrono::steady_clock::now() >= deadline) {
      release();
      throw vo::Error{vo::ErrorKind::Rejected,
                      fmt::format("another program keeps {} locked, perhaps a `platefs mount` that does not get on; "
                                  "`fuser {}` says which",
                                  directory, directory)};
    }
    std::this_thread::sleep_for(5ms);  // flock can't be given a deadline
  }
}

void DirectoryLock::release() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

}  // namespace platefs::tools
