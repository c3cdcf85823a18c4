// SPDX-License-Identifier: BSD-3-Clause
#include "cache/store/lmdb_env.h"

#include <fmt/format.h>
#include <lmdb.h>
#include <sys/stat.h>

#include <cerrno>
#include <mutex>
#include <utility>

#include "cache/store/lmdb_call.h"
#include "cache/store/lmdb_file.h"

namespace platefs::cache {
namespace {

constexpr std::size_t kRoomyMap = 16ull << 30;   // address space, not memory
constexpr std::size_t kSmallMap = 256ull << 20;  // where address space is rationed (ulimit -v)
constexpr std::size_t kIdleReaders = 16;

}  // namespace

const int LmdbEnv::kUnreadable = MDB_CORRUPTED;

void expect_success(int code, const char* doing) {
  if (code != MDB_SUCCESS) throw LmdbError(code, doing);
}

LmdbError::LmdbError(int code, const std::string& doing)
    : code_(code), message_(fmt::format("{}: {}", doing, mdb_strerror(code))) {}

bool LmdbError::map_is_full() const noexcept { return code_ == MDB_MAP_FULL; }

bool LmdbError::is_broken_file() const noexcept {
  switch (code_) {
    case MDB_INVALID:
    case MDB_VERSION_MISMATCH:
    case MDB_CORRUPTED:
    case MDB_PAGE_NOTFOUND:
    case MDB_PANIC:
    case MDB_INCOMPATIBLE:
    case MDB_BAD_DBI:
      return true;
    default:
      return false;
  }
}

LmdbEnv::LmdbEnv(const std::filesystem::path& file, const std::array<const char*, kTables>& tables, Mode mode)
    : file_(file), mode_(mode) {
  readers_.reserve(kIdleReaders);
  try {
    open(tables);
  } catch (...) {
    if (!is_unreadable_) mdb_env_close(env_);
    throw;
  }
}

int LmdbEnv::open_file(std::size_t map_size) {
  mdb_env_close(std::exchange(env_, nullptr));
  unsigned flags = MDB_NOSUBDIR | MDB_NOTLS | MDB_NOMETASYNC | MDB_NORDAHEAD;
  if (mode_ != Mode::ReadWrite) flags |= MDB_RDONLY;
  if (mode_ == Mode::ReadOnlyUnlocked) flags |= MDB_NOLOCK;
  int code = mdb_env_create(&env_);
  if (code == MDB_SUCCESS) code = mdb_env_set_maxdbs(env_, static_cast<MDB_dbi>(kTables));
  if (code == MDB_SUCCESS) code = mdb_env_set_maxreaders(env_, 512);
  if (code == MDB_SUCCESS) code = mdb_env_set_mapsize(env_, map_size);
  if (code == MDB_SUCCESS) code = mdb_env_open(env_, file_.c_str(), flags, 0600);
  return code;
}

void LmdbEnv::open(const std::array<const char*, kTables>& tables) {
  const auto doing = fmt::format("opening the index {}", file_.string());
  if (mode_ == Mode::ReadWrite) expect_success(allocate_lock_file(lock_name()), doing.c_str());
  int code = open_file(kRoomyMap);
  if (code == ENOMEM) code = open_file(kSmallMap);
  expect_success(code, doing.c_str());
  if (mode_ == Mode::ReadWrite) {
    int dead = 0;
    mdb_reader_check(env_, &dead);  // readers that were killed would keep old pages for ever
  }
  struct stat lock {};
  if (mode_ == Mode::ReadWrite && ::stat(lock_name().c_str(), &lock) == 0) lock_file_ = lock.st_ino;
  mend_length();
  expect_unshrunk();
  code = open_tables(tables, false);
  if (code == MDB_NOTFOUND && mode_ == Mode::ReadWrite) code = open_tables(tables, true);
  if (code != MDB_NOTFOUND) expect_success(code, doing.c_str());
  find_pages();
}

/// MDB_NOTFOUND: some are missing.
int LmdbEnv::open_tables(const std::array<const char*, kTables>& tables, bool make) {
  MDB_txn* txn = nullptr;
  if (const int code = begin(make ? 0 : MDB_RDONLY, &txn); code != MDB_SUCCESS) return code;
  int worst = MDB_SUCCESS;
  for (std::size_t i = 0; i < kTables; ++i) {
    const int code = call([&] { return mdb_dbi_open(txn, tables[i], make ? MDB_CREATE : 0, &tables_[i]); });
    if (code == MDB_SUCCESS) continue;
    tables_[i] = kNoTable;
    worst = code;
    if (code != MDB_NOTFOUND) break;
  }
  if (worst != MDB_SUCCESS && worst != MDB_NOTFOUND) {
    if (!is_unreadable_) mdb_txn_abort(txn);
    return worst;
  }
  const int code = call([txn] { return mdb_txn_commit(txn); });
  return code != MDB_SUCCESS ? code : worst;
}

void LmdbEnv::mend_length() {
  const int code = mend_short_file(env_, mode_ == Mode::ReadWrite);
  if (code == MDB_CORRUPTED) throw LmdbError(code, fmt::format("the index {} is cut short", file_.string()));
  expect_success(code, "asking the index for its size");
}

/// Whoever comes after it was removed makes another, and neither sees the other's transactions.
void LmdbEnv::expect_our_lock_file() const {
  struct stat named {};
  const int code = ::stat(lock_name().c_str(), &named) == 0 ? 0 : errno;
  if (code == 0 && named.st_ino == lock_file_) return;
  if (code != 0 && code != ENOENT) throw LmdbError(code, "looking for the index's lock file");
  is_unreadable_ = true;
  throw LmdbError(MDB_PANIC, fmt::format("the lock file of {} was removed", file_.string()));
}

/// LMDB never makes a file shorter. Whoever did took pages that are about to be read.
void LmdbEnv::expect_unshrunk() const {
  auto before = length_.load();  // first: another thread may see it longer meanwhile
  struct stat facts {};
  if (::fstat(descriptor(), &facts) != 0) throw LmdbError(errno, "asking the index for its size");
  const auto length = static_cast<std::uint64_t>(facts.st_size);
  if (length < before) throw LmdbError(MDB_CORRUPTED, fmt::format("the index {} was cut short", file_.string()));
  while (before < length && !length_.compare_exchange_weak(before, length)) {
  }
}

LmdbEnv::~LmdbEnv() {
  // One that was left half done is in no state to be closed: its memory and descriptors go with the process.
  if (is_unreadable_) return;
  for (auto* txn : readers_) mdb_txn_abort(txn);
  mdb_env_close(env_);
}

int LmdbEnv::descriptor() const {
  mdb_filehandle_t fd = -1;
  mdb_env_get_fd(env_, &fd);
  return fd;
}

std::uint64_t LmdbEnv::used_bytes() const {
  expect_unshrunk();
  MDB_envinfo info{};
  MDB_stat stat{};
  expect_success(call([&] { return mdb_env_info(env_, &info); }), "asking the index for its size");
  expect_success(call([&] { return mdb_env_stat(env_, &stat); }), "asking the index for its size");
  return (static_cast<std::uint64_t>(info.me_last_pgno) + 1) * stat.ms_psize;
}

void LmdbEnv::grow() {
  std::unique_lock alone(map_in_use_);
  MDB_envinfo info{};
  expect_success(mdb_env_info(env_, &info), "growing the index");
  const int code = mdb_env_set_mapsize(env_, info.me_mapsize * 2);
  find_pages();
  expect_success(code, "growing the index");
}

/// LMDB tells nobody where its map is, but what it finds lies there: here the name of the first table.
void LmdbEnv::find_pages() const noexcept {
  MDB_val name{}, table{};
  const int code = call([&] {
    MDB_txn* txn = nullptr;
    MDB_cursor* cursor = nullptr;
    MDB_dbi names = 0;
    int found = mdb_txn_begin(env_, nullptr, MDB_RDONLY, &txn);
    if (found != MDB_SUCCESS) return found;
    found = mdb_dbi_open(txn, nullptr, 0, &names);
    if (found == MDB_SUCCESS) found = mdb_cursor_open(txn, names, &cursor);
    if (found == MDB_SUCCESS) found = mdb_cursor_get(cursor, &name, &table, MDB_FIRST);
    if (cursor != nullptr) mdb_cursor_close(cursor);
    mdb_txn_abort(txn);
    return found;
  });
  pages_.find(descriptor(), code == MDB_SUCCESS ? name.mv_data : nullptr);
}

void LmdbEnv::release() const noexcept {
  const std::shared_lock mapped(map_in_use_);
  if (!is_unreadable_) pages_.release();
}

int LmdbEnv::begin(unsigned flags, MDB_txn** txn) const {
  const auto try_it = [&] { return mdb_txn_begin(env_, nullptr, flags, txn); };
  const int code = call(try_it);
  if (code != MDB_READERS_FULL) return code;
  int dead = 0;
  mdb_reader_check(env_, &dead);
  return call(try_it);
}

/// Null: there is none that was used before.
MDB_txn* LmdbEnv::begin_reading() const {
  MDB_txn* txn = nullptr;
  {
    const std::lock_guard lock(readers_mutex_);
    if (readers_.empty()) return nullptr;
    txn = readers_.back();
    readers_.pop_back();
  }
  if (call([&] { return mdb_txn_renew(txn); }) == MDB_SUCCESS) return txn;
  if (!is_unreadable_) mdb_txn_abort(txn);
  return nullptr;
}

void LmdbEnv::end_reading(MDB_txn* txn) const noexcept {
  if (is_unreadable_) return;
  mdb_txn_reset(txn);
  {
    const std::lock_guard lock(readers_mutex_);
    if (readers_.size() < kIdleReaders) {
      readers_.push_back(txn);  // has room: see the constructor
      return;
    }
  }
  mdb_txn_abort(txn);
}

}  // namespace platefs::cache
