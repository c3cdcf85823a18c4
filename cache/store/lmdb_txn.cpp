// SPDX-License-Identifier: BSD-3-Clause
// Transactions of an index, and walks through its tables.
#include <lmdb.h>

#include <cstring>
#include <mutex>
#include <utility>

#include "cache/store/lmdb_call.h"
#include "cache/store/lmdb_env.h"
#include "cache/store/lmdb_file.h"

namespace platefs::cache {
namespace {

constexpr std::uint64_t kStepsOnAPage = 16;  // of a cursor, about

MDB_val as_val(std::string_view text) { return {text.size(), const_cast<char*>(text.data())}; }

/// `into` has its size.
int copy(const MDB_val& value, std::string& into) {
  if (value.mv_size != 0) std::memcpy(into.data(), value.mv_data, value.mv_size);
  return MDB_SUCCESS;
}

}  // namespace

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
  expect_success(code, mode == Mode::Read ? "reading the index" : "changing the index");
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
  expect_success(code, "reading the index");
  value_.resize(value.mv_size);
  code = env_.call([&] { return copy(value, value_); });
  expect_success(code, "reading the index");
  return value_;
}

void LmdbTxn::put(std::size_t table, std::string_view key, std::string_view value) {
  auto k = as_val(key);
  auto v = as_val(value);
  env_.pages_.note_read();
  expect_success(env_.call([&] { return mdb_put(txn_, env_.tables_[table], &k, &v, 0); }), "changing the index");
}

void LmdbTxn::remove(std::size_t table, std::string_view key) {
  auto k = as_val(key);
  const int code = env_.call([&] { return mdb_del(txn_, env_.tables_[table], &k, nullptr); });
  if (code != MDB_NOTFOUND) expect_success(code, "changing the index");
}

std::uint64_t LmdbTxn::entries(std::size_t table) const {
  if (env_.tables_[table] == kNoTable) return 0;
  MDB_stat stat{};
  expect_success(env_.call([&] { return mdb_stat(txn_, env_.tables_[table], &stat); }), "counting in the index");
  return stat.ms_entries;
}

void LmdbTxn::commit() {
  auto* const txn = std::exchange(txn_, nullptr);
  expect_success(env_.call([txn] { return mdb_txn_commit(txn); }), "committing to the index");
  complete_file(env_.env_);
}

LmdbCursor::LmdbCursor(const LmdbTxn& txn, std::size_t table) : txn_(txn) {
  if (txn.env_.tables_[table] == kNoTable) return;
  expect_success(mdb_cursor_open(txn.txn_, txn.env_.tables_[table], &cursor_), "walking the index");
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
  expect_success(code, "walking the index");
  key_.resize(key.mv_size);
  value_.resize(value.mv_size);
  code = txn_.env_.call([&] { return copy(key, key_) + copy(value, value_); });
  expect_success(code, "walking the index");
  return Entry{key_, value_};
}

}  // namespace platefs::cache
