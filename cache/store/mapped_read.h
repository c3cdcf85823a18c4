// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <setjmp.h>

namespace platefs::cache {

/// Where a page of a mapped file can't be read (the disk vanished or fails, somebody cut the file short), the
/// kernel sends SIGBUS, which ends a process. While one of these lives, SIGBUS in this thread jumps back to
/// where `place` was set instead. Only for calls into C that may be left half done and never called again.
class MappedRead {
 public:
  MappedRead() noexcept;
  ~MappedRead();
  MappedRead(const MappedRead&) = delete;
  MappedRead& operator=(const MappedRead&) = delete;

  sigjmp_buf place;

 private:
  MappedRead* before_;
};

/// What `call` returns, or `failed` after SIGBUS in it. `call` owns nothing that needs a destructor.
template <typename Call>
int on_map(int failed, const Call& call) {
  MappedRead read;
  if (sigsetjmp(read.place, 0) != 0) return failed;
  return call();
}

}  // namespace platefs::cache
