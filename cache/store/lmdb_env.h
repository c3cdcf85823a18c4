// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

#include "cache/store/mapped_pages.h"

struct MDB_env;
struct MDB_txn;
struct MDB_cursor;

namespace platefs::cache {

/// LMDB said no. `code` is its number or an errno; the message names the file.
class LmdbError : public std::exception {
 public:
  LmdbError(int code, const std::string& doing);
  const char* what() const noexcept override { return message_.c_str(); }
  int code() const noexcept { return code_; }
  bool map_is_full() const noexcept;
  /// The file is damaged or of another program: no second try will help.
  bool is_broken_file() const noexcept;

 private:
  int code_;
  std::string message_;
};

constexpr std::size_t kTables = 8;

/// An LMDB environment in one file, with its tables open: MDB_NOTLS and MDB_NOMETASYNC, so a power cut
/// may cost the last commit but never the file. Open it after any fork. Thread-safe; one write
/// transaction at a time over all processes. It waits for other processes, which may be stopped, three
/// seconds at the most (LmdbError{ETIMEDOUT}), and not at all for some time after that.
class LmdbEnv {
 public:
  enum class Mode {
    ReadWrite,
    ReadOnly,         ///< makes nothing; takes a place among the readers where it can
    ReadOnlyUnlocked  ///< for files nobody writes to: no lock file is needed
  };
  /// Throws LmdbError; a file of which used pages are missing counts as broken. A table that is missing is
  /// made, or, where nothing is made, empty.
  LmdbEnv(const std::filesystem::path& file, const std::array<const char*, kTables>& tables, Mode mode);
  ~LmdbEnv();
  LmdbEnv(const LmdbEnv&) = delete;
  LmdbEnv& operator=(const LmdbEnv&) = delete;

  int descriptor() const;  ///< of the file
  std::uint64_t used_bytes() const;
  /// Doubles the map. Waits for the transactions of this process, so call it holding none.
  void grow();
  /// Pages of the index that were read are no memory of this process any more. Holding no transaction.
  void release() const noexcept;

 private:
  friend class LmdbTxn;
  friend class LmdbCursor;
  void open(const std::array<const char*, kTables>& tables);
  int open_file(std::size_t map_size);
  std::string lock_name() const { return file_.string() + "-lock"; }
  int open_tables(const std::array<const char*, kTables>& tables, bool make);
  void mend_length();
  /// Where the file is mapped now. While nobody reads it.
  void find_pages() const noexcept;
  void expect_unshrunk() const;
  void expect_our_lock_file() const;
  int begin(unsigned flags, MDB_txn** txn) const;
  /// Runs `call` into LMDB, after which nothing more is run when a page could not be read.
  template <typename Call>
  int call(const Call& call) const;
  static const int kUnreadable;  ///< MDB_CORRUPTED, what it returns then
  MDB_txn* begin_reading() const;
  void end_reading(MDB_txn* txn) const noexcept;

  const std::filesystem::path file_;
  const Mode mode_;
  MDB_env* env_ = nullptr;
  std::array<unsigned, kTables> tables_{};
  mutable std::shared_mutex map_in_use_;  ///< shared by transactions, alone for whoever resizes
  /// Ended transactions keep their places among the readers: a new place takes a lock over all processes.
  mutable std::mutex readers_mutex_;
  mutable std::vector<MDB_txn*> readers_;
  mutable std::atomic<std::uint64_t> length_{0};  ///< of the file, as seen last
  mutable std::atomic<bool> is_unreadable_{false};
  mutable MappedPages pages_;
  std::uint64_t lock_file_ = 0;  ///< its inode
};

/// A transaction: aborted unless committed. A value handed out lives until the next is asked for. A page that can't
/// be read is LmdbError{MDB_CORRUPTED}, and so is whatever is asked of the environment after that. One thread.
class LmdbTxn {
 public:
  enum class Mode { Read, Write };
  LmdbTxn(const LmdbEnv& env, Mode mode);
  ~LmdbTxn();
  LmdbTxn(const LmdbTxn&) = delete;
  LmdbTxn& operator=(const LmdbTxn&) = delete;

  std::optional<std::string_view> get(std::size_t table, std::string_view key) const;
  void put(std::size_t table, std::string_view key, std::string_view value);
  void remove(std::size_t table, std::string_view key);  ///< absent: fine
  std::uint64_t entries(std::size_t table) const;
  void commit();

 private:
  friend class LmdbCursor;
  const LmdbEnv& env_;
  const Mode mode_;
  std::shared_lock<std::shared_mutex> map_;
  MDB_txn* txn_ = nullptr;
  mutable std::string value_;
};

/// Walks a table in order of its keys. An entry lives until the next is asked for.
class LmdbCursor {
 public:
  LmdbCursor(const LmdbTxn& txn, std::size_t table);
  ~LmdbCursor();
  LmdbCursor(const LmdbCursor&) = delete;
  LmdbCursor& operator=(const LmdbCursor&) = delete;

  struct Entry {
    std::string_view key, value;
  };
  std::optional<Entry> seek(std::string_view at_or_after);
  std::optional<Entry> next();

 private:
  std::optional<Entry> step(std::string_view from, int operation);
  const LmdbTxn& txn_;
  MDB_cursor* cursor_ = nullptr;  ///< null: there is no such table
  std::uint64_t steps_ = 0;
  std::string key_, value_;
};

}  // namespace platefs::cache
