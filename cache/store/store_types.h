// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

/// What the store is told and tells: values, of no thread.
namespace platefs::cache {

/// Unit of holding and of checksums. A random read of 64 KiB, the size that programs like, then fetches
/// a quarter more than it asks for at most; granules of 64 KiB would double it. One granule comes with the
/// first packets of a new connection (ten, some 14 KB): a header is not waited for twice.
constexpr std::uint64_t kGranuleSize = 8 * 1024;
constexpr std::uint64_t kChunkSize = 512 * 1024;  ///< 64 granules: one record of the index

/// Names one version of one file in the store; never reused.
using ObjectId = std::uint64_t;

/// What tells one version of a remote file from the next.
struct Validators {
  std::string etag;  ///< strong ones only
  std::string last_modified;
  std::uint64_t content_hash = 0;  ///< of files made for the asking (cutouts); 0: unknown

  friend bool operator==(const Validators&, const Validators&) = default;
};

/// Everything remembered of a file's present version beside its bytes.
struct ObjectFacts {
  std::uint64_t size = 0;
  Validators validators;
  std::string url;     ///< where it came from, without secrets
  std::string source;  ///< "soda", "cutout", "download"
  std::string media_type;
  std::int64_t fetched_at = 0;  ///< Unix seconds
};

/// Do both, which say size and validators (ObjectFacts, KeyRecord), speak of the same content?
template <typename One, typename Other>
bool is_same_version(const One& one, const Other& other) {
  const auto hash = one.validators.content_hash;
  return one.size == other.size &&
         (one.validators == other.validators || (hash != 0 && hash == other.validators.content_hash));
}

struct ObjectInfo {
  ObjectId id = 0;
  std::string key;
  /// Counts the versions seen under this key, survives eviction. Another content has another number in the index; for
  /// what was not committed yet two processes may have given the same number to two contents, so that within a
  /// process is_same_version() tells contents apart.
  std::uint32_t version = 0;
  ObjectFacts facts;
  bool pinned = false;
  std::int64_t last_use = 0;  ///< Unix seconds
  std::uint64_t held_bytes = 0;
};

/// A small answer (TAP, DataLink …), or the remembered fact that there is none.
struct Document {
  std::string bytes;
  bool absent = false;
  std::int64_t fetched_at = 0, expires_at = 0;  ///< Unix seconds
  std::int64_t last_use = 0;                    ///< Unix seconds, to a week; the store sets it
};

/// A document as the index keeps it, compressed: what waits to be written is small.
struct PackedDocument {
  std::string record;
};

/// It has not expired. One that comes from the future is out of date: the clock was wrong then, or is now, and
/// nothing tells for how long it would seem fresh.
inline bool is_in_date(const Document& document, std::int64_t now) {
  constexpr std::int64_t kClocksDifferSeconds = 300;  // several machines may have used the cache
  return now < document.expires_at && document.fetched_at <= now + kClocksDifferSeconds;
}

struct StoreOptions {
  enum class Access {
    ReadWrite,
    ReadOnly  ///< looks: changes nothing, makes nothing, waits for no other process
  };
  std::filesystem::path directory;  ///< created with CACHEDIR.TAG if missing
  Access access = Access::ReadWrite;
  std::vector<std::filesystem::path> bases = {};  ///< published caches that are looked at for what this one lacks
  std::uint64_t quota = 20ull << 30;  ///< bytes of object files, the index (a quarter is for documents) and tables
  std::function<std::int64_t()> now;  ///< Unix seconds
  std::function<void(std::string_view)> warn = [](std::string_view) {};
  std::size_t open_files = 0;  ///< most descriptors of object files; 0: by RLIMIT_NOFILE
};

}  // namespace platefs::cache
