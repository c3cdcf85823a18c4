// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cache/store/buffer_pool.h"
#include "cache/store/extent.h"
#include "cache/store/store_types.h"
#include "cache/store/usage.h"
#include "vo/base/byte_range.h"
#include "vo/base/error.h"

namespace platefs::cache {

/// The store: an LMDB index over sparse object files. See FORMAT.md for the bytes on disk, recovery and
/// costs. One per process and directory, opened after any fork; several processes may share a
/// directory.
///
/// Threads: the const members may be called from any thread at any time and never wait for a
/// commit. The others are the writer thread's alone (writer.h), except where said.
/// Failures: Error{LocalIo} or Error{NoSpace} with path and reason; a broken index is set aside with a
/// warning, never misread. A directory that can't be written, or not any more (read-only, full, another
/// owner's, of another format while others use it, removed, its writer stopped) is no failure: what it
/// holds is served, what is put passes through memory, documents and names stay in memory as far as there is
/// room for them, and one warning says what to do.
///
/// With `bases` (published caches, FORMAT.md) what this cache lacks is looked up in them: documents, names, objects,
/// and bytes of an object of which this cache holds others. Nothing is copied from them and nothing written to them: an
/// object that a base holds gives way to one of this cache, of the same version, with the first bytes that it lacks.
/// usage(), objects() and what evicts, pins or verifies mean this cache alone.
class Store {
 public:
  explicit Store(StoreOptions options);
  ~Store();
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  // -- objects: any thread
  /// The present version of the file that `key` names.
  std::optional<ObjectInfo> object(std::string_view key) const;
  std::optional<ObjectInfo> object(ObjectId id) const;
  /// The version that `key` has, had before it was evicted, or, never seen, will begin with: 1.
  std::uint32_t version(std::string_view key) const;
  /// What of it is held, as sorted disjoint ranges on granule borders (the last ends at the size);
  /// includes granules that were put but not committed yet.
  std::vector<vo::ByteRange> held(ObjectId id) const;
  /// `range` if every granule of it is held and passed its checksum (tested once per opened file);
  /// a granule that fails is forgotten, warned of once, and then missing. A file that is gone, or that
  /// can't be opened for whatever reason, is a miss too, whatever held() says: fetch and put() it again.
  std::optional<Extent> read(ObjectId id, vo::ByteRange range) const;
  /// `range` of its file, by a descriptor, when all of it is held there and passed its checksums already
  /// (nothing is read for that).
  std::optional<Extent> on_disk(ObjectId id, vo::ByteRange range) const;
  /// While a Hold lives in this process the object is not evicted by it. Any thread.
  std::shared_ptr<const void> hold(ObjectId id) const;
  /// Remembers a use, in memory; written with the next commit. Any thread.
  void touch(ObjectId id) const;
  /// The disk or the quota took nothing lately: bytes only pass through memory.
  bool is_passing_through() const;

  // -- objects: writer thread
  /// Starts a version whose granules are readable as they come. Replaces the present version of
  /// `key`: its number counts up, its bytes go; same validators and size: the present one stays.
  ObjectInfo create(std::string_view key, const ObjectFacts& facts);
  /// Starts an object nobody can see until publish(); its size need not be known.
  ObjectId stage(std::string_view key);
  /// Makes a staged object the present version of its key, complete with facts.size bytes. The
  /// version number stays when content_hash and size are those of the version before.
  ObjectInfo publish(ObjectId staged, const ObjectFacts& facts);
  void discard(ObjectId staged);
  /// Bytes first: written and checksummed now, visible at once in this process, in the index with the
  /// next commit. `offset` is on a granule border; whole granules only, but for the file's last; nothing beyond
  /// the size. Throws Error{Malformed} otherwise, Error{Unavailable} when the object is no more (replaced,
  /// evicted by another process, lost): its key has to be asked for again.
  /// Evicts others to stay within the quota.
  /// Where quota or disk take nothing more, the bytes are readable from memory for a while (48 MiB of them,
  /// the oldest go first), with one warning: whoever waits for them is served all the same.
  void put(ObjectId id, std::uint64_t offset, std::span<const std::byte> bytes);
  void put(ObjectId id, std::uint64_t offset, const SharedBytes& bytes);
  void commit();
  /// Something waits for a commit that could be tried now.
  bool has_uncommitted() const;
  /// So much waits that more would be too much: 16 MiB of files, or 1 MiB of documents, which memory alone holds.
  bool is_commit_due() const;
  /// The index can't be written just now; a warning has said so.
  bool is_refused() const;
  /// Buffers for bytes on their way. Any thread.
  BufferPool& pool() const;

  // -- documents (any thread reads)
  std::optional<Document> document(std::string_view key) const;  ///< expired ones too
  /// The same without its bytes: costs nothing that grows with them.
  std::optional<Document> document_times(std::string_view key) const;
  void put_document(std::string_view key, Document document) { put_packed(key, packed(std::move(document))); }
  void put_packed(std::string_view key, PackedDocument document);
  PackedDocument packed(Document document) const;  ///< used now (any thread)
  void remove_document(std::string_view key);
  /// Keys of documents that begin with `prefix`, sorted.
  std::vector<std::string> document_keys(std::string_view prefix) const;

  // -- names: small facts that must never change once given (any thread reads)
  std::map<std::string, std::string> names(std::string_view group) const;
  /// Runs `change`, which adds names, inside one write transaction, so that two processes agree;
  /// returns what is stored then. Writer thread.
  std::map<std::string, std::string> update_names(
      std::string_view group, const std::function<void(std::map<std::string, std::string>&)>& change);

  // -- housekeeping
  StoreUsage usage() const;  ///< any thread; costs nothing that grows with the cache
  /// The same beside that: it counts against the quota, and others look after it. Lists a directory.
  TableUsage table_usage() const;
  void set_pinned(ObjectId id, bool pinned) { set_pinned(std::span{&id, 1}, pinned); }
  void set_pinned(std::span<const ObjectId> ids, bool pinned);
  /// Any thread; walks through all objects, unless none is pinned.
  PinnedUsage pinned_usage() const;
  /// Drops the bytes of objects; keys, versions and validators stay remembered.
  void evict(ObjectId id) { evict(std::span{&id, 1}); }
  void evict(std::span<const ObjectId> ids);
  /// Nobody reads it, in this process or another, and nothing of it waits for a commit. Any thread.
  bool is_idle(ObjectId id) const;
  struct Verified {
    std::uint64_t good_bytes = 0, bad_bytes = 0;
  };
  /// Reads every committed granule against its checksum; those that fail leave the index and count as
  /// missing from then on.
  Verified verify(ObjectId id);
  /// Deletes object files that no index knows and no process works on: what the disk kept of a process that ended
  /// badly, or could not be deleted then. Returns their bytes.
  std::uint64_t remove_orphans();
  /// Ids of all objects, least recently used first. Any thread.
  std::vector<ObjectId> object_ids() const;
  /// What is told of those that are there still, in that order, however many: a few at a time are in memory. Any
  /// thread.
  void for_each_object(std::span<const ObjectId> ids, const std::function<void(const ObjectInfo&)>& visit) const;
  /// All objects, least recently used first. Any thread.
  std::vector<ObjectInfo> objects() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace platefs::cache
