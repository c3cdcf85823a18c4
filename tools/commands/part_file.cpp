// SPDX-License-Identifier: BSD-3-Clause
#include "tools/commands/part_file.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <linux/fs.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "vo/base/error.h"

namespace platefs::tools {

void fail_to_write(const std::filesystem::path& file, int error) {
  throw vo::Error{error == ENOSPC || error == EDQUOT ? vo::ErrorKind::NoSpace : vo::ErrorKind::LocalIo,
                  fmt::format("{}: {}", file.string(), std::strerror(error))};
}

void make_folder(const std::filesystem::path& folder) {
  std::error_code failure;
  std::filesystem::create_directories(folder, failure);
  if (failure) fail_to_write(folder, failure.value());
}

void write_all(int fd, std::span<const std::byte> bytes, const std::filesystem::path& file) {
  while (!bytes.empty()) {
    const auto written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) fail_to_write(file, written < 0 ? errno : EIO);
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
}

PartFile::PartFile(std::filesystem::path file, Writers writers) : file_(std::move(file)), part_(file_.parent_path()) {
  make_folder(part_);
  part_ /= fmt::format(".{}.part", file_.filename().string());
  const int begins_anew = writers == Writers::Any ? O_TRUNC : 0;  // else it may be another's
  fd_ = ::open(part_.c_str(), O_WRONLY | O_CREAT | begins_anew | O_NOFOLLOW | O_CLOEXEC, 0666);
  if (fd_ < 0) fail_to_write(part_, errno);
  if (writers == Writers::Any) return;
  try {
    claim();
  } catch (...) {
    ::close(fd_);
    throw;
  }
}

/// A file system without locks lets two write, as ever.
void PartFile::claim() {
  const bool is_others = ::flock(fd_, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
  struct stat ours {
  }, named{};
  const bool is_named = ::fstat(fd_, &ours) == 0 && ::stat(part_.c_str(), &named) == 0 && ours.st_dev == named.st_dev &&
                        ours.st_ino == named.st_ino;
  if (is_others || !is_named) {
    throw vo::Error{vo::ErrorKind::Rejected,
                    fmt::format("{}: another process writes it now; name another file, or wait", file_.string())};
  }
  if (::ftruncate(fd_, 0) != 0) fail_to_write(part_, errno);
  claim_ = ::fcntl(fd_, F_DUPFD_CLOEXEC, 0);
  if (claim_ < 0) fail_to_write(part_, errno);
}

PartFile::~PartFile() {
  if (!is_whole_) ::unlink(part_.c_str());
  if (fd_ >= 0) ::close(fd_);
  if (claim_ >= 0) ::close(claim_);
}

bool PartFile::clone(int fd) { return ::ioctl(fd_, FICLONE, fd) == 0; }

void PartFile::write(std::span<const std::byte> bytes) { write_all(fd_, bytes, part_); }

std::uint64_t PartFile::size() const {
  const auto at = ::lseek(fd_, 0, SEEK_CUR);
  if (at < 0) fail_to_write(part_, errno);
  return static_cast<std::uint64_t>(at);
}

void PartFile::cut_to(std::uint64_t size) {
  const auto at = static_cast<off_t>(size);
  if (::ftruncate(fd_, at) != 0 || ::lseek(fd_, at, SEEK_SET) != at) fail_to_write(part_, errno);
}

void PartFile::finish() {
  if (::close(std::exchange(fd_, -1)) != 0) fail_to_write(part_, errno);
  if (::rename(part_.c_str(), file_.c_str()) != 0) fail_to_write(file_, errno);
  is_whole_ = true;
}

}  // namespace platefs::tools
