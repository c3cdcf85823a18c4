// SPDX-License-Identifier: BSD-3-Clause
#include "tools/commands/doctor_checks.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>
#include <system_error>

#include "cache/store/cache_directory.h"
#include "tools/cli/reporting.h"
#include "vo/base/error.h"

namespace platefs::tools {
namespace {

constexpr std::uint64_t kLittleSpace = 1ull << 30;

std::string found_in_path(const std::string& program, const std::string& path) {
  std::istringstream stream{path};
  for (std::string folder; std::getline(stream, folder, ':');) {
    const auto file = std::filesystem::path{folder} / program;
    if (::access(file.c_str(), X_OK) == 0) return file.string();
  }
  return {};
}

bool is_setuid_root(const std::string& file) {
  struct stat facts = {};
  return ::stat(file.c_str(), &facts) == 0 && facts.st_uid == 0 && (facts.st_mode & S_ISUID) != 0;
}

/// Makes a file there and removes it; empty, or why that can't be.
std::string why_not_writable(const std::filesystem::path& directory) {
  auto name = (directory / ".doctor-XXXXXX").string();
  const int fd = ::mkstemp(name.data());
  if (fd < 0) return std::strerror(errno);
  ::close(fd);
  ::unlink(name.c_str());
  return {};
}

Finding check_space(const std::filesystem::path& directory, std::uint64_t quota) {
  std::error_code problem;
  const auto space = std::filesystem::space(directory, problem);
  if (problem) return {"cache space", Health::Doubtful, problem.message(), "look at the disk"};
  const auto found = fmt::format("{} free, the cache may take {}", size_text(space.available), size_text(quota));
  if (space.available >= kLittleSpace) return {"cache space", Health::Good, found, {}};
  return {"cache space", Health::Doubtful, found,
          "free some space, or choose another disk with --cache-dir; a full disk only means that nothing more "
          "is kept"};
}

}  // namespace

Finding check_fuse_device(const std::filesystem::path& device) {
  const int fd = ::open(device.c_str(), O_RDWR | O_CLOEXEC);
  if (fd >= 0) {
    ::close(fd);
    return {"FUSE device", Health::Good, fmt::format("{} can be opened", device.string()), {}};
  }
  const int problem = errno;
  const auto* remedy = problem == EACCES || problem == EPERM
                           ? "make it readable and writable for you (crw-rw-rw-); in a container: --device /dev/fuse"
                           : "load the module: modprobe fuse; in a container: --device /dev/fuse --cap-add SYS_ADMIN";
  return {"FUSE device", Health::Bad, fmt::format("{}: {}", device.string(), std::strerror(problem)), remedy};
}

Finding check_fusermount(const std::string& path, bool is_root) {
  const auto program = found_in_path("fusermount3", path);
  if (program.empty()) {
    return {"fusermount3", is_root ? Health::Doubtful : Health::Bad, "not found in $PATH",
            "apt-get install fuse3 (root can mount without it)"};
  }
  if (!is_root && !is_setuid_root(program)) {
    return {"fusermount3", Health::Bad, program + " is not setuid root",
            fmt::format("chmod u+s {} as root, or install the package fuse3 anew", program)};
  }
  return {"fusermount3", Health::Good, program, {}};
}

Finding check_allow_other(const std::filesystem::path& fuse_conf, bool is_root) {
  if (is_root) return {"allow-other", Health::Good, "root may", {}};
  std::ifstream file{fuse_conf};
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("user_allow_other")) {
      return {"allow-other", Health::Good, fmt::format("{} lets users", fuse_conf.string()), {}};
    }
  }
  return {
      "allow-other", Health::Bad, fmt::format("{} does not say user_allow_other", fuse_conf.string()),
      fmt::format("add the line user_allow_other to {} as root, or mount without --allow-other", fuse_conf.string())};
}

std::vector<Finding> check_cache_directory(const std::filesystem::path& directory, std::uint64_t quota) {
  try {
    cache::CacheDirectory{directory}.make();
  } catch (const std::exception& error) {
    return {{"cache directory", Health::Bad, error.what(), "choose another with --cache-dir, on a local disk"}};
  }
  const auto problem = why_not_writable(directory);
  if (!problem.empty()) {
    return {{"cache directory", Health::Bad, fmt::format("{}: {}", directory.string(), problem),
             "make it yours: chown, or choose another with --cache-dir"}};
  }
  return {{"cache directory", Health::Good, fmt::format("{} is local and can be written", directory.string()), {}},
          check_space(directory, quota)};
}

}  // namespace platefs::tools
