// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <filesystem>

struct MDB_env;

namespace platefs::cache {

/// LMDB writes to its lock file through a map, where a disk that is full is SIGBUS: the file gets its space
/// before. Only while this process has no index open (closing a descriptor ends POSIX locks). Returns 0 or
/// an errno.
int allocate_lock_file(const std::filesystem::path& file);

/// Reading a page behind the end of a mapped file is SIGBUS. LMDB may leave a file short of pages that it
/// gave out and took back in one transaction. This adds the space of missing pages. Returns 0, an errno or
/// LMDB's error; MDB_CORRUPTED when a page that is in use was missing, and for any short file where
/// `may_write` is false: nothing can be told of it without space for its pages.
int mend_short_file(MDB_env* env, bool may_write);

/// After a commit: pages that the transaction gave out and took back get their space, so that the next process
/// finds a whole file. As far as the disk has room.
void complete_file(MDB_env* env) noexcept;

}  // namespace platefs::cache
