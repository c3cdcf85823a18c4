// SPDX-License-Identifier: BSD-3-Clause
#include "cache/object_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>

#include "vo/error.h"

namespace platefs::cache {
namespace {

[[noreturn]] void fail(const char* doing, const std::filesystem::path& path, int code) {
  const bool full = code == ENOSPC || code == EDQUOT || code == EFBIG;
  throw vo::Error(full ? vo::ErrorKind::NoSpace : vo::ErrorKind::LocalIo,
                  fmt::format("{} {}: {}", doing, path.string(), std::strerror(code)));
}

}  // namespace

std::shared_ptr<ObjectFile> ObjectFile::open(const std::filesystem::path& path) {
  const int fd = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
  if (fd >= 0) return std::shared_ptr<ObjectFile>(new ObjectFile(fd, path));
  if (errno == ENOENT) return nullptr;
  fail("opening", path, errno);
}

std::shared_ptr<ObjectFile> ObjectFile::create(const std::filesystem::path& path) {
  int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0 && errno == ENOENT) {
    std::error_code ignored;
    std::filesystem::create_directories(path.parent_path(), ignored);
    fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  }
  if (fd < 0) fail("creating", path, errno);
  return std::shared_ptr<ObjectFile>(new ObjectFile(fd, path));
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

void ObjectFile::mark_in_use(bool in_use) const noexcept {
  ::flock(fd_, in_use ? LOCK_SH | LOCK_NB : LOCK_UN);
}

bool ObjectFile::is_unused(const std::filesystem::path& path) noexcept {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return true;
  const bool unused = ::flock(fd, LOCK_EX | LOCK_NB) == 0;
  ::close(fd);
  return unused;
}

}  // namespace platefs::cache
