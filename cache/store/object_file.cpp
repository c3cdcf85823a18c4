// SPDX-License-Identifier: BSD-3-Clause
#include "cache/store/object_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>

#include "vo/base/error.h"

namespace platefs::cache {
namespace {

[[noreturn]] void fail(const char* doing, const std::filesystem::path& path, int code) {
  const bool full = code == ENOSPC || code == EDQUOT || code == EFBIG;
  throw vo::Error(full ? vo::ErrorKind::NoSpace : vo::ErrorKind::LocalIo,
                  fmt::format("{} {}: {}", doing, path.string(), std::strerror(code)));
}

// O_NONBLOCK means nothing to a regular file, and keeps a FIFO in its place from holding up the reader.
constexpr int kAlways = O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;

int open_again(const std::filesystem::path& path, int flags) {
  int fd = -1;
  do fd = ::open(path.c_str(), flags | kAlways, 0600);
  while (fd < 0 && errno == EINTR);
  return fd;
}

}  // namespace

ObjectFile::Opened ObjectFile::opened(int fd, Access access, const std::filesystem::path& path) {
  if (fd < 0) return {nullptr, errno};
  struct stat facts {};
  if (::fstat(fd, &facts) != 0 || !S_ISREG(facts.st_mode)) {
    ::close(fd);
    return {nullptr, EINVAL};
  }
  return {std::shared_ptr<ObjectFile>(new ObjectFile(fd, access, path)), 0};
}

ObjectFile::Opened ObjectFile::open(const std::filesystem::path& path, Access access) {
  return opened(open_again(path, access == Access::Read ? O_RDONLY : O_RDWR), access, path);
}

ObjectFile::Opened ObjectFile::create(const std::filesystem::path& path) {
  constexpr int kNew = O_RDWR | O_CREAT | O_EXCL;
  int fd = open_again(path, kNew);
  if (fd < 0 && errno == ENOENT) {
    std::error_code problem;
    std::filesystem::create_directories(path.parent_path(), problem);
    if (problem) return {nullptr, problem.value()};
    fd = open_again(path, kNew);
  }
  return opened(fd, Access::ReadWrite, path);
}

ObjectFile::~ObjectFile() { ::close(fd_); }

void ObjectFile::write(std::uint64_t offset, std::span<const std::byte> bytes) const {
  while (!bytes.empty()) {
    const auto written = ::pwrite(fd_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) fail("writing", path_, written < 0 ? errno : EIO);
    offset += static_cast<std::uint64_t>(written);
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
}

bool ObjectFile::read(std::uint64_t offset, std::span<std::byte> into) const noexcept {
  while (!into.empty()) {
    const auto got = ::pread(fd_, into.data(), into.size(), static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    offset += static_cast<std::uint64_t>(got);
    into = into.subspan(static_cast<std::size_t>(got));
  }
  return true;
}

}  // namespace platefs::cache
