// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "cache/store/base_stores.h"
#include "cache/store/cache_directory.h"
#include "cache/store/index.h"
#include "cache/store/index_claim.h"
#include "cache/store/lease.h"
#include "cache/store/object_files.h"
#include "cache/store/open_object.h"
#include "cache/store/recent_bytes.h"
#include "cache/store/store.h"
#include "cache/store/use_marks.h"
#include "cache/store/write_access.h"
#include "vo/base/guarded.h"

namespace platefs::cache {

/// Ids from here on name objects of this process alone, whose bytes pass through memory.
constexpr ObjectId kFirstUnkept = ObjectId{1} << 63;
constexpr bool is_unkept(ObjectId id) { return id >= kFirstUnkept; }

/// Documents that wait for the commit, as the records that will be written (record.h: compressed); null: removed.
using PendingDocuments = std::map<std::string, std::shared_ptr<const std::string>, std::less<>>;

/// What was changed since the last commit, and what this process knows beyond the index.
struct StoreState {
  std::unordered_map<ObjectId, std::shared_ptr<OpenObject>> live;
  std::map<ObjectId, std::shared_ptr<OpenObject>> dirty;
  std::map<std::string, KeyRecord, std::less<>> keys;
  std::set<ObjectId> removed;  ///< out of sight; they leave the index with the next commit
  PendingDocuments documents;
  std::map<ObjectId, std::int64_t> touches;
  std::set<std::string, std::less<>> used_documents;          ///< that were not for a week before
  std::map<std::string, KeyRecord, std::less<>> unkept_keys;  ///< of objects that never reach the index
  std::map<std::string, Names, std::less<>> unkept_names;
  std::uint64_t fresh_bytes = 0;     ///< put since the last commit
  std::uint64_t document_bytes = 0;  ///< of them, in `documents`
  std::uint64_t room = 0;            ///< reserved under the quota, not filled
  bool warned_of_index = false;
  std::size_t prune_live_at = 1024;

  /// Before one is added to `live`: forgets those that only the table knows and that hold no news. When most are in use
  /// it comes back the later, so that a look costs the same however many there are.
  void prune_live();
};

/// The lock of `state` is never taken while that of an object is held, and no I/O happens under either.
struct Store::Impl {
  explicit Impl(StoreOptions given);

  // store_open.cpp
  void open_to_write();
  void open_or_set_aside();
  std::string open_claimed(bool& other_format);
  /// Opens what can be read without a change. Says why not.
  std::string open_to_look();
  /// Goes on without writing, with a warning that is not said twice; throws when the path is a mistake.
  void go_on_without(const WriteRefusal& refusal);
  bool may_write();
  /// Begins this process's session when there is none yet. Throws LmdbError, std::system_error.
  Lease& own_lease();

  // store_bases.cpp: any thread
  std::optional<KeyRecord> key(std::string_view key);
  /// What a base holds of the version that `key` has here, or, where it has none here, of any. Its number is this
  /// one's.
  std::optional<ObjectInfo> in_base(std::string_view key);
  std::optional<ObjectInfo> info_in_base(ObjectId id);
  /// The object of a base that holds the same version: what is not held of `object` itself may be read there.
  std::optional<ObjectId> below(const OpenObject& object);

  // store_read.cpp: any thread
  std::shared_ptr<OpenObject> live(ObjectId id);
  std::optional<ObjectInfo> info(ObjectId id);
  std::optional<ObjectInfo> present(std::string_view key);
  /// That of the cache itself, without its bases.
  std::optional<KeyRecord> own_key(std::string_view key);
  std::optional<Extent> read(ObjectId id, vo::ByteRange range);
  std::optional<Extent> on_disk(ObjectId id, vo::ByteRange range);
  std::optional<Extent> read_patched(const std::shared_ptr<OpenObject>& object, vo::ByteRange range);
  std::vector<vo::ByteRange> held(ObjectId id);
  /// Takes over what the index knows of the chunks that `range` touches.
  void load_chunks(OpenObject& object, vo::ByteRange range);
  void forget(const std::shared_ptr<OpenObject>& object, const std::vector<std::uint64_t>& granules);

  // store_files.cpp: any thread
  std::shared_ptr<const void> hold(ObjectId id);
  /// The object's file; null when it can't be had, which counts as a miss: the object is lost, or, where
  /// the fault may pass (no descriptors, no access to the cache at all), left as it is. Warns once.
  std::shared_ptr<const ObjectFile> file_of(const std::shared_ptr<OpenObject>& object, ObjectFile::Access access);
  /// Takes an object out of sight whose file is gone or not ours to read, as if it had been evicted.
  void lose(const std::shared_ptr<OpenObject>& object);
  /// `file` is new and empty, whoever made the one before it: what was known of the object's bytes, here or in the
  /// index, holds no more.
  void begin_file(const std::shared_ptr<OpenObject>& object, const std::shared_ptr<const ObjectFile>& file);
  bool can_use_objects() const;
  bool was_evicted(const OpenObject& object);
  void warn_of_file(const OpenObject& object, int error, bool is_lost);
  bool is_held(ObjectId id);
  /// Closes the files of objects that nobody reads, so that what is unlinked is given back at once.
  void close_idle();

  // store_write.cpp: writer thread
  ObjectInfo create(std::string_view key, const ObjectFacts& facts);
  ObjectId stage(std::string_view key);
  ObjectInfo publish(ObjectId staged, const ObjectFacts& facts);
  void discard(ObjectId staged);
  void put(ObjectId id, std::uint64_t offset, std::span<const std::byte> bytes, const SharedBytes& shared);
  void put_on_disk(const std::shared_ptr<OpenObject>& object, std::uint64_t offset, std::span<const std::byte> bytes);
  /// What the granules of `bytes` that are not held yet take up on disk.
  static std::uint64_t cost_of(const OpenObject& object, std::uint64_t offset, std::uint64_t bytes);
  static void require_kept(const OpenObject& object);
  std::shared_ptr<const ObjectFile> file_to_write(const std::shared_ptr<OpenObject>& object);
  std::shared_ptr<const ObjectFile> present_file_to_write(const std::shared_ptr<OpenObject>& object);
  std::shared_ptr<const ObjectFile> new_file_to_write(const std::shared_ptr<OpenObject>& object);
  void pass_through(const std::shared_ptr<OpenObject>& object, std::uint64_t offset, SharedBytes bytes,
                    const vo::Error& why);
  ObjectInfo begin_version(const std::shared_ptr<OpenObject>& object, const ObjectFacts& facts);
  void retire(ObjectId id);
  ObjectId new_id();
  void prune_unkept();
  void mark_dirty(const std::shared_ptr<OpenObject>& object);

  // store_commit.cpp: writer thread
  void commit();
  void remove_now(ObjectId id);
  /// Room for `bytes` under the quota, evicting as needed. Throws Error{NoSpace}.
  void reserve(std::uint64_t bytes);
  bool take_room(std::uint64_t bytes);
  bool reserve_more(std::uint64_t bytes);
  void give_back(std::uint64_t bytes);
  void write_documents(IndexChange& index, const StoreState& pending);
  std::uint64_t make_room(IndexChange& index, std::uint64_t needed, std::vector<ObjectId>& victims);
  bool is_idle(ObjectId id);
  void unlink_all(const std::vector<ObjectId>& ids);

  std::int64_t now() const { return options.now(); }
  void note_use(std::string_view key, const Document& document);
  /// Nothing: no change of it waits for the commit. Null: it is removed.
  std::optional<PendingDocuments::mapped_type> pending_document(std::string_view key) const {
    const auto access = state.lock();
    const auto found = access->documents.find(key);
    return found == access->documents.end() ? std::nullopt : std::optional{found->second};
  }
  /// `own`, unless a base gives what is more: it is in date and ours is not, or we have none. One that was removed here
  /// stays so, whatever bases hold.
  template <typename Look>
  std::optional<Document> or_of_base(std::optional<Document> own, const Look& look) const {
    if (own && is_tombstone(*own)) return std::nullopt;
    const auto time = now();
    if (bases.empty() || (own && is_in_date(*own, time))) return own;
    auto found = look(time);
    return found && (!own || is_in_date(*found, time)) ? std::move(found) : std::move(own);
  }
  /// `read` of the index, or `otherwise` with one warning when the index can't be read.
  template <typename Read, typename Result>
  Result from_index(const Read& read, Result otherwise) {
    if (!env) return otherwise;
    try {
      return read(IndexView(*env));
    } catch (const LmdbError& problem) {
      warn_of_index(problem);
      return otherwise;
    }
  }
  void warn_of_index(const LmdbError& problem);
  /// change_index with our Error, where the index can be written.
  void change(const std::function<void(IndexChange&)>& what);

  StoreOptions options;
  BaseStores bases;
  CacheDirectory directory;
  std::optional<IndexClaim> claim;
  std::unique_ptr<LmdbEnv> env;
  std::unique_ptr<Lease> lease;  ///< writer thread
  WriteAccess access;
  std::uint64_t unkept_ids = 0;
  std::shared_ptr<const UseMarks> marks;
  std::shared_ptr<ObjectFiles> files;
  vo::Guarded<StoreState> state;
  BufferPool pool;
  RecentBytes recent;
  std::atomic<WriteAccess::Clock::rep> passed_through_at{INT64_MIN};
  std::atomic<std::int64_t> warned_of_file_at{INT64_MIN};
};

}  // namespace platefs::cache
