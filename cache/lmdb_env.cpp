// SPDX-License-Identifier: BSD-3-Clause
#include "cache/lmdb_env.h"

#include <fmt/format.h>
#include <lmdb.h>

#include <cerrno>
#include <mutex>
#include <system_error>
#include <utility>

namespace platefs::cache {
namespace {

constexpr std::size_t kRoomyMap = 16ull << 30;    // address space, not memory
constexpr std::size_t kSmallMap = 256ull << 20;   // where address space is rationed (ulimit -v)

void check(int code, const char* doing) {
  if (code != MDB_SUCCESS) throw LmdbError(code, doing);
}

MDB_val as_val(std::string_view text) {
  return {text.size(), const_cast<char*>(text.data())};
}

std::string_view as_text(const MDB_val& value) {
  return {static_cast<const char*>(value.mv_data), value.mv_size};
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

LmdbEnv::LmdbEnv(const std::filesystem::path& file, const std::array<const char*, kTables>& tables) {
  check(mdb_env_create(&env_), "creating the index");
  try {
    open(file, tables);
  } catch (...) {
    mdb_env_close(env_);
    throw;
  }
}

void LmdbEnv::open(const std::filesystem::path& file, const std::array<const char*, kTables>& tables) {
  const auto doing = fmt::format("opening the index {}", file.string());
  check(mdb_env_set_maxdbs(env_, static_cast<MDB_dbi>(kTables)), doing.c_str());
  check(mdb_env_set_maxreaders(env_, 512), doing.c_str());
  check(mdb_env_set_mapsize(env_, kRoomyMap), doing.c_str());
  const unsigned flags = MDB_NOSUBDIR | MDB_NOTLS | MDB_NOMETASYNC | MDB_NORDAHEAD;
  int code = mdb_env_open(env_, file.c_str(), flags, 0600);
  if (code == ENOMEM) {
    mdb_env_close(std::exchange(env_, nullptr));
    check(mdb_env_create(&env_), doing.c_str());
    check(mdb_env_set_maxdbs(env_, static_cast<MDB_dbi>(kTables)), doing.c_str());
    check(mdb_env_set_mapsize(env_, kSmallMap), doing.c_str());
    code = mdb_env_open(env_, file.c_str(), flags, 0600);
  }
  check(code, doing.c_str());
  int dead = 0;
  mdb_reader_check(env_, &dead);   // readers that were killed would keep old pages for ever
  check_length(file);
  MDB_txn* txn = nullptr;
  check(mdb_txn_begin(env_, nullptr, 0, &txn), doing.c_str());
  for (std::size_t i = 0; i < kTables; ++i) {
    code = mdb_dbi_open(txn, tables[i], MDB_CREATE, &tables_[i]);
    if (code != MDB_SUCCESS) break;
  }
  if (code != MDB_SUCCESS) mdb_txn_abort(txn);
  check(code, doing.c_str());
  check(mdb_txn_commit(txn), doing.c_str());
}

/// Reading a page past the end of a mapped file is SIGBUS, so a file cut short must be found here.
void LmdbEnv::check_length(const std::filesystem::path& file) const {
  MDB_envinfo info{};
  MDB_stat stat{};
  check(mdb_env_info(env_, &info), "asking the index for its size");
  check(mdb_env_stat(env_, &stat), "asking the index for its size");
  const auto needed = (static_cast<std::uint64_t>(info.me_last_pgno) + 1) * stat.ms_psize;
  std::error_code ignored;
  const auto length = std::filesystem::file_size(file, ignored);
  if (!ignored && length < needed && info.me_last_txnid > 0) {
    throw LmdbError(MDB_CORRUPTED, fmt::format("the index {} is cut short", file.string()));
  }
}

LmdbEnv::~LmdbEnv() { mdb_env_close(env_); }

std::uint64_t LmdbEnv::used_bytes() const {
  MDB_envinfo info{};
  MDB_stat stat{};
  mdb_env_info(env_, &info);
  mdb_env_stat(env_, &stat);
  return (static_cast<std::uint64_t>(info.me_last_pgno) + 1) * stat.ms_psize;
}

void LmdbEnv::grow() {
  std::unique_lock alone(map_in_use_);
  MDB_envinfo info{};
  check(mdb_env_info(env_, &info), "growing the index");
  check(mdb_env_set_mapsize(env_, info.me_mapsize * 2), "growing the index");
}

LmdbTxn::LmdbTxn(const LmdbEnv& env, Mode mode) : env_(env), map_(env.map_in_use_) {
  const unsigned flags = mode == Mode::Read ? MDB_RDONLY : 0;
  int code = mdb_txn_begin(env.env_, nullptr, flags, &txn_);
  if (code == MDB_MAP_RESIZED) {      // another process grew the map
    map_.unlock();
    {
      std::unique_lock alone(env.map_in_use_);
      mdb_env_set_mapsize(env.env_, 0);
    }
    map_.lock();
    code = mdb_txn_begin(env.env_, nullptr, flags, &txn_);
  }
  check(code, mode == Mode::Read ? "reading the index" : "changing the index");
}

LmdbTxn::~LmdbTxn() {
  if (txn_ != nullptr) mdb_txn_abort(txn_);
}

std::optional<std::string_view> LmdbTxn::get(std::size_t table, std::string_view key) const {
  auto k = as_val(key);
  MDB_val value{};
  const int code = mdb_get(txn_, env_.tables_[table], &k, &value);
  if (code == MDB_NOTFOUND) return std::nullopt;
  check(code, "reading the index");
  return as_text(value);
}

void LmdbTxn::put(std::size_t table, std::string_view key, std::string_view value) {
  auto k = as_val(key);
  auto v = as_val(value);
  check(mdb_put(txn_, env_.tables_[table], &k, &v, 0), "changing the index");
}

void LmdbTxn::remove(std::size_t table, std::string_view key) {
  auto k = as_val(key);
  const int code = mdb_del(txn_, env_.tables_[table], &k, nullptr);
  if (code != MDB_NOTFOUND) check(code, "changing the index");
}

std::uint64_t LmdbTxn::entries(std::size_t table) const {
  MDB_stat stat{};
  check(mdb_stat(txn_, env_.tables_[table], &stat), "counting in the index");
  return stat.ms_entries;
}

void LmdbTxn::commit() {
  check(mdb_txn_commit(std::exchange(txn_, nullptr)), "committing to the index");
}

LmdbCursor::LmdbCursor(const LmdbTxn& txn, std::size_t table) {
  check(mdb_cursor_open(txn.txn_, txn.env_.tables_[table], &cursor_), "walking the index");
}

LmdbCursor::~LmdbCursor() { mdb_cursor_close(cursor_); }

std::optional<LmdbCursor::Entry> LmdbCursor::seek(std::string_view at_or_after) {
  return at_or_after.empty() ? step({}, MDB_FIRST) : step(at_or_after, MDB_SET_RANGE);
}

std::optional<LmdbCursor::Entry> LmdbCursor::next() { return step({}, MDB_NEXT); }

std::optional<LmdbCursor::Entry> LmdbCursor::step(std::string_view from, int operation) {
  auto key = as_val(from);
  MDB_val value{};
  const int code = mdb_cursor_get(cursor_, &key, &value, static_cast<MDB_cursor_op>(operation));
  if (code == MDB_NOTFOUND) return std::nullopt;
  check(code, "walking the index");
  return Entry{as_text(key), as_text(value)};
}

}  // namespace platefs::cache
