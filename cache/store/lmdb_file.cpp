// SPDX-License-Identifier: BSD-3-Clause
#include "cache/store/lmdb_file.h"

#include <fcntl.h>
#include <lmdb.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <iterator>
#include <string>
#include <vector>

namespace platefs::cache {
namespace {

/// For 570 readers: 64 bytes each.
constexpr off_t kLockFileBytes = 36 * 1024;

int write_zeros(int fd, off_t bytes) {
  const std::array<char, 4096> zeros{};
  for (off_t at = 0; at < bytes; at += static_cast<off_t>(zeros.size())) {
    if (::pwrite(fd, zeros.data(), zeros.size(), at) != static_cast<ssize_t>(zeros.size())) {
      return errno != 0 ? errno : ENOSPC;
    }
  }
  return 0;
}

int allocate(int fd, off_t bytes) {
  struct stat facts {};
  if (::fallocate(fd, 0, 0, bytes) == 0) return 0;
  if (errno != EOPNOTSUPP && errno != ENOSYS) return errno;
  if (::fstat(fd, &facts) != 0) return errno;
  // Not over what is there: others use it now.
  if (facts.st_size == 0) return write_zeros(fd, bytes);
  if (facts.st_size < bytes && ::ftruncate(fd, bytes) != 0) return errno;
  return 0;
}

struct Pages {
  std::uint64_t first_missing = 0, end = 0;
  std::uint64_t size = 0;
  int fd = -1;
};

/// Those between the end of the file and that of the index. Returns 0, an errno, or MDB_CORRUPTED when not even
/// the first two are there, which say so.
int find_missing(MDB_env* env, Pages& pages) {
  MDB_envinfo info{};
  MDB_stat stat{};
  struct stat facts {};
  mdb_env_get_fd(env, &pages.fd);
  if (::fstat(pages.fd, &facts) != 0) return errno;
  mdb_env_stat(env, &stat);
  pages.size = stat.ms_psize;
  pages.first_missing = static_cast<std::uint64_t>(facts.st_size) / pages.size;
  if (pages.first_missing < 2) return MDB_CORRUPTED;
  mdb_env_info(env, &info);
  pages.end = info.me_last_txnid == 0 ? 0 : static_cast<std::uint64_t>(info.me_last_pgno) + 1;
  return 0;
}

/// Every missing page is in the list of free ones, which is table 0: values are a count and numbers.
int expect_free(MDB_txn* txn, const Pages& pages) {
  MDB_cursor* cursor = nullptr;
  if (const int code = mdb_cursor_open(txn, 0, &cursor); code != MDB_SUCCESS) return code;
  std::vector<std::size_t> free;
  MDB_val key{}, value{};
  int code = MDB_SUCCESS;
  while ((code = mdb_cursor_get(cursor, &key, &value, MDB_NEXT)) == MDB_SUCCESS) {
    std::vector<std::size_t> numbers(value.mv_size / sizeof(std::size_t));
    if (numbers.empty()) continue;
    std::memcpy(numbers.data(), value.mv_data, numbers.size() * sizeof(std::size_t));
    const auto count = std::min(numbers.front(), numbers.size() - 1);
    std::copy_if(numbers.begin() + 1, numbers.begin() + 1 + static_cast<std::ptrdiff_t>(count),
                 std::back_inserter(free),
                 [&](std::size_t page) { return page >= pages.first_missing && page < pages.end; });
  }
  mdb_cursor_close(cursor);
  if (code != MDB_NOTFOUND) return code;
  std::ranges::sort(free);
  free.erase(std::unique(free.begin(), free.end()), free.end());
  return free.size() == pages.end - pages.first_missing ? 0 : MDB_CORRUPTED;
}

}  // namespace

int allocate_lock_file(const std::filesystem::path& file) {
  const int fd = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0600);
  if (fd < 0) return errno;
  struct stat facts {};
  const bool is_private = ::fstat(fd, &facts) == 0 && (facts.st_mode & 0777) == 0600;
  if (!is_private && facts.st_uid == ::geteuid()) static_cast<void>(::fchmod(fd, 0600));  // whatever the umask
  const int code = allocate(fd, kLockFileBytes);
  ::close(fd);
  return code;
}

int mend_short_file(MDB_env* env, bool may_write) {
  Pages pages;
  if (const int code = find_missing(env, pages); code != 0) return code;
  if (pages.first_missing >= pages.end) return 0;
  if (!may_write) return MDB_CORRUPTED;
  if (const int code = allocate(pages.fd, static_cast<off_t>(pages.end * pages.size)); code != 0) return code;
  MDB_txn* txn = nullptr;
  if (const int code = mdb_txn_begin(env, nullptr, MDB_RDONLY, &txn); code != MDB_SUCCESS) return code;
  // Another process may have committed meanwhile: what it wrote makes the file longer, never shorter.
  const int code = expect_free(txn, pages);
  mdb_txn_abort(txn);
  return code;
}

void complete_file(MDB_env* env) noexcept {
  Pages pages;
  if (find_missing(env, pages) != 0 || pages.first_missing >= pages.end) return;
  static_cast<void>(allocate(pages.fd, static_cast<off_t>(pages.end * pages.size)));
}

}  // namespace platefs::cache
