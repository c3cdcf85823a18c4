// SPDX-License-Identifier: BSD-3-Clause
#include "cache/store/use_marks.h"

#include <fcntl.h>
#include <unistd.h>

namespace platefs::cache {
namespace {

struct flock byte_of(ObjectId id, short type) {
  struct flock lock {};
  lock.l_type = type;
  lock.l_whence = SEEK_SET;
  lock.l_start = static_cast<off_t>(id);
  lock.l_len = 1;
  return lock;
}

}  // namespace

UseMarks::UseMarks(const std::filesystem::path& file, Access access) {
  if (access == Access::ReadWrite) fd_ = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd_ < 0) fd_ = ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
}

UseMarks::~UseMarks() {
  if (fd_ >= 0) ::close(fd_);
}

void UseMarks::mark(ObjectId id) const noexcept {
  auto lock = byte_of(id, F_RDLCK);
  if (fd_ >= 0) ::fcntl(fd_, F_OFD_SETLK, &lock);
}

void UseMarks::unmark(ObjectId id) const noexcept {
  auto lock = byte_of(id, F_UNLCK);
  if (fd_ >= 0) ::fcntl(fd_, F_OFD_SETLK, &lock);
}

bool UseMarks::is_marked_elsewhere(ObjectId id) const noexcept {
  auto lock = byte_of(id, F_WRLCK);
  if (fd_ < 0 || ::fcntl(fd_, F_OFD_GETLK, &lock) != 0) return false;
  return lock.l_type != F_UNLCK;
}

}  // namespace platefs::cache
