// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "cache/store/lmdb_env.h"
#include "cache/store/mapped_read.h"

// For lmdb_env.cpp and lmdb_txn.cpp alone: how LMDB is called.
namespace platefs::cache {

constexpr unsigned kNoTable = ~0u;  ///< in place of the handle of a table that is not there

/// Throws LmdbError for what is no success.
void expect_success(int code, const char* doing);

template <typename Call>
int LmdbEnv::call(const Call& call) const {
  if (is_unreadable_) return kUnreadable;
  constexpr int kFailed = -1;
  const int code = on_map(kFailed, call);
  if (code != kFailed) return code;
  is_unreadable_ = true;
  return kUnreadable;
}

}  // namespace platefs::cache
