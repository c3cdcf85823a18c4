// SPDX-License-Identifier: BSD-3-Clause
#include "cache/store/index_claim.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace platefs::cache {
namespace {

bool is_same(const struct stat& one, const struct stat& other) {
  return one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

}  // namespace

std::optional<IndexClaim> IndexClaim::take(const std::filesystem::path& file, Access access) {
  const int flags = access == Access::ReadWrite ? O_RDWR | O_CREAT : O_RDONLY;
  const int fd = ::open(file.c_str(), flags | O_CLOEXEC | O_NONBLOCK, 0600);
  if (fd < 0) throw std::system_error(errno, std::generic_category(), "opening the index " + file.string());
  IndexClaim claim(fd);
  if (access == Access::ReadWrite) claim.keep_private();
  if (::flock(fd, LOCK_SH | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK || errno == EINTR) return std::nullopt;
    // A medium that nobody writes to may have no locks.
    const bool has_none = errno == ENOLCK || errno == ENOSYS || errno == EOPNOTSUPP || errno == EINVAL;
    if (access == Access::ReadWrite || !has_none) {
      throw std::system_error(errno, std::generic_category(), "locking the index " + file.string());
    }
  }
  if (claim.lost_name(file) != 0) return std::nullopt;
  return claim;
}

IndexClaim::~IndexClaim() {
  if (fd_ >= 0) ::close(fd_);
}

IndexClaim::IndexClaim(IndexClaim&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

IndexClaim& IndexClaim::operator=(IndexClaim&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

/// Whatever the umask was when it was made: LMDB opens it by its name again.
void IndexClaim::keep_private() const noexcept {
  struct stat facts {};
  const bool is_ours = ::fstat(fd_, &facts) == 0 && facts.st_uid == ::geteuid();
  if (is_ours && (facts.st_mode & 0777) != 0600) static_cast<void>(::fchmod(fd_, 0600));
}

int IndexClaim::lost_name(const std::filesystem::path& file) const noexcept {
  struct stat ours {
  }, named{};
  if (::fstat(fd_, &ours) != 0 || ::stat(file.c_str(), &named) != 0) return errno;
  return is_same(ours, named) ? 0 : ENOENT;
}

bool IndexClaim::is_file_of(int fd) const noexcept {
  struct stat ours {
  }, theirs{};
  return ::fstat(fd_, &ours) == 0 && ::fstat(fd, &theirs) == 0 && is_same(ours, theirs);
}

bool IndexClaim::take_alone() const noexcept { return ::flock(fd_, LOCK_EX | LOCK_NB) == 0; }

}  // namespace platefs::cache
