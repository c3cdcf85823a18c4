// SPDX-License-Identifier: BSD-3-Clause
#include "cache/store/lmdb_env.h"

#include <fmt/format.h>
#include <lmdb.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <mutex>
#include <utility>

#include "cache/store/lmdb_file.h"
#include "cache/store/mapped_read.h"

namespace platefs::cache {
namespace {

constexpr std::size_t kRoomyMap = 16ull << 30;   // address space, not memory
constexpr std::size_t kSmallMap = 256ull << 20;  // where address space is rationed (ulimit -v)
constexpr std::size_t kIdleReaders = 16;
constexpr unsigned kNoTable = ~0u;
constexpr std::uint64_t kStepsOnAPage = 16;  // of a cursor, about

void check(int code, const char* doing) {
  if (code != MDB_SUCCESS) throw LmdbError(code, doing);
}

MDB_val as_val(std::string_view text) { return {text.size(), const_cast<char*>(text.data())}; }

/// `into` has its size.
int copy(const MDB_val& value, std::string& into) {
  if (value.mv_size != 0) std::memcpy(into.data(), value.mv_data, value.mv_size);
  return MDB_SUCCESS;
}

}  // namespace

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

template <typename Call>
int LmdbEnv::call(const Call& call) const {
  if (is_unreadable_) return MDB_CORRUPTED;
  constexpr int kFailed = -1;
  const int code = on_map(kFailed, call);
  if (code != kFailed) return code;
  is_unreadable_ = true;
  return MDB_CORRUPTED;
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
  if (mode_ == Mode::ReadWrite) check(allocate_lock_file(lock_name()), doing.c_str());
  int code = open_file(kRoomyMap);
  if (code == ENOMEM) code = open_file(kSmallMap);
  check(code, doing.c_str());
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
  if (code != MDB_NOTFOUND) check(code, doing.c_str());
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
  check(code, "asking the index for its size");
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
  check(call([&] { return mdb_env_info(env_, &info); }), "asking the index for its size");
  check(call([&] { return mdb_env_stat(env_, &stat); }), "asking the index for its size");
  return (static_cast<std::uint64_t>(info.me_last_pgno) + 1) * stat.ms_psize;
}

void LmdbEnv::grow() {
  std::unique_lock alone(map_in_use_);
  MDB_envinfo info{};
  check(mdb_env_info(env_, &info), "growing the index");
  const int code = mdb_env_set_mapsize(env_, info.me_mapsize * 2);
  find_pages();
  check(code, "growing the index");
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

LmdbTxn::LmdbTxn(const LmdbEnv& env, Mode mode) : env_(env), mode_(mode), map_(env.map_in_use_) {
  env.expect_unshrunk();
  if (mode == Mode::Write) env.expect_our_lock_file();
  if (mode == Mode::Read) txn_ = env.begin_reading();
  if (txn_ != nullptr) return;
  const unsigned flags = mode == Mode::Read ? MDB_RDONLY : 0;
  int code = env.begin(flags, &txn_);
  if (code == MDB_MAP_RESIZED) {  // another process grew the map
    map_.unlock();
    {
      std::unique_lock alone(env.map_in_use_);
      mdb_env_set_mapsize(env.env_, 0);
      env.find_pages();
    }
    map_.lock();
    code = env.begin(flags, &txn_);
  }
  check(code, mode == Mode::Read ? "reading the index" : "changing the index");
}

LmdbTxn::~LmdbTxn() {
  if (txn_ == nullptr) return;
  if (mode_ == Mode::Read) {
    env_.end_reading(txn_);
  } else if (!env_.is_unreadable_) {
    mdb_txn_abort(txn_);
  }
}

std::optional<std::string_view> LmdbTxn::get(std::size_t table, std::string_view key) const {
  if (env_.tables_[table] == kNoTable) return std::nullopt;
  auto k = as_val(key);
  MDB_val value{};
  env_.pages_.note_read();
  // Bytes of the map are copied here: whoever reads them there may get SIGBUS.
  int code = env_.call([&] { return mdb_get(txn_, env_.tables_[table], &k, &value); });
  if (code == MDB_NOTFOUND) return std::nullopt;
  check(code, "reading the index");
  value_.resize(value.mv_size);
  code = env_.call([&] { return copy(value, value_); });
  check(code, "reading the index");
  return value_;
}

void LmdbTxn::put(std::size_t table, std::string_view key, std::string_view value) {
  auto k = as_val(key);
  auto v = as_val(value);
  env_.pages_.note_read();
  check(env_.call([&] { return mdb_put(txn_, env_.tables_[table], &k, &v, 0); }), "changing the index");
}

void LmdbTxn::remove(std::size_t table, std::string_view key) {
  auto k = as_val(key);
  const int code = env_.call([&] { return mdb_del(txn_, env_.tables_[table], &k, nullptr); });
  if (code != MDB_NOTFOUND) check(code, "changing the index");
}

std::uint64_t LmdbTxn::entries(std::size_t table) const {
  if (env_.tables_[table] == kNoTable) return 0;
  MDB_stat stat{};
  check(env_.call([&] { return mdb_stat(txn_, env_.tables_[table], &stat); }), "counting in the index");
  return stat.ms_entries;
}

void LmdbTxn::commit() {
  auto* const txn = std::exchange(txn_, nullptr);
  check(env_.call([txn] { return mdb_txn_commit(txn); }), "committing to the index");
  complete_file(env_.env_);
}

LmdbCursor::LmdbCursor(const LmdbTxn& txn, std::size_t table) : txn_(txn) {
  if (txn.env_.tables_[table] == kNoTable) return;
  check(mdb_cursor_open(txn.txn_, txn.env_.tables_[table], &cursor_), "walking the index");
}

LmdbCursor::~LmdbCursor() {
  if (cursor_ != nullptr && !txn_.env_.is_unreadable_) mdb_cursor_close(cursor_);
}

std::optional<LmdbCursor::Entry> LmdbCursor::seek(std::string_view at_or_after) {
  return at_or_after.empty() ? step({}, MDB_FIRST) : step(at_or_after, MDB_SET_RANGE);
}

std::optional<LmdbCursor::Entry> LmdbCursor::next() { return step({}, MDB_NEXT); }

std::optional<LmdbCursor::Entry> LmdbCursor::step(std::string_view from, int operation) {
  if (cursor_ == nullptr) return std::nullopt;
  if (operation != MDB_NEXT || ++steps_ % kStepsOnAPage == 0) txn_.env_.pages_.note_read();
  auto key = as_val(from);
  MDB_val value{};
  int code =
      txn_.env_.call([&] { return mdb_cursor_get(cursor_, &key, &value, static_cast<MDB_cursor_op>(operation)); });
  if (code == MDB_NOTFOUND) return std::nullopt;
  check(code, "walking the index");
  key_.resize(key.mv_size);
  value_.resize(value.mv_size);
  code = txn_.env_.call([&] { return copy(key, key_) + copy(value, value_); });
  check(code, "walking the index");
  return Entry{key_, value_};
}

}  // namespace platefs::cache
