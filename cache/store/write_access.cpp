// SPDX-License-Identifier: BSD-3-Clause
#include "cache/store/write_access.h"

#include <fmt/format.h>
#include <lmdb.h>

#include <cerrno>

namespace platefs::cache {
namespace {

constexpr auto kNextTry = std::chrono::seconds(5);

const char* remedy(int code) {
  switch (code) {
    case EACCES:
    case EPERM:
      return "make the directory your own (chown, chmod u+rwX), or choose another with --cache-dir";
    case EROFS:
      return "choose a directory that can be written with --cache-dir to keep more";
    case ENOSPC:
    case EDQUOT:
      return "make room on its disk, or choose another with --cache-dir";
    case EFBIG:
      return "raise the limit of file sizes (ulimit -f)";
    case EMFILE:
    case ENFILE:
      return "raise the limit of open files (ulimit -n)";
    case ENOMEM:
      return "raise the limit of memory (ulimit -v)";
    case ETIMEDOUT:
    case EAGAIN:
      return "a process that uses it is stopped: continue or end it (`fuser` on index.mdb names it)";
    case MDB_PANIC:
    case kIndexWasMoved:
      return "unmount and mount again to begin a new one";
    case kIndexIsOfOthers:
      return "end the processes that use it, or choose another with --cache-dir";
    default:
      return "`platefs doctor` may tell more; choose another with --cache-dir";
  }
}

}  // namespace

bool is_mistaken_path(int code) {
  return code == ENOTDIR || code == EEXIST || code == ENOENT || code == ELOOP || code == ENAMETOOLONG || code == EISDIR;
}

bool is_for_good(int code) {
  return code == kIndexWasMoved || code == kIndexIsOfOthers || code == MDB_PANIC || code == MDB_CORRUPTED ||
         code == MDB_PAGE_NOTFOUND;
}

std::string text_of(const WriteRefusal& refusal, const std::filesystem::path& directory, bool can_read) {
  return fmt::format(
      "the cache in {} can't be written ({}): {}what is fetched passes through memory and is not kept; {}",
      directory.string(), refusal.what, can_read ? "what it holds is served, " : "", remedy(refusal.code));
}

bool WriteAccess::refuse(const WriteRefusal& refusal, bool for_good) {
  not_before_ = for_good ? Clock::time_point::max().time_since_epoch().count()
                         : (Clock::now() + kNextTry).time_since_epoch().count();
  is_refused_ = true;
  const auto last = last_.lock();
  const bool is_news = last->code != refusal.code;
  *last = refusal;
  return is_news;
}

void WriteAccess::note_success() {
  if (!is_refused_.exchange(false)) return;
  *last_.lock() = {};
}

}  // namespace platefs::cache
