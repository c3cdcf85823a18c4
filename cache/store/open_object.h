// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "cache/store/buffer_pool.h"
#include "cache/store/object_file.h"
#include "cache/store/record.h"
#include "vo/base/byte_range.h"
#include "vo/base/guarded.h"

namespace platefs::cache {

/// One chunk as this process knows it.
struct OpenChunk {
  ChunkRecord record;
  std::uint64_t verified = 0;  ///< read or written through the present descriptor, and right
  std::uint64_t fresh = 0;     ///< put, not in the index yet
  std::uint64_t bad = 0;       ///< failed its checksum; leaves the index with the next commit
};

/// What this process knows of an object beyond the index: its file while that is open, which granules
/// it has tested, and what it put since the last commit.
struct OpenObject {
  enum class Standing {
    Staged,   ///< not to be seen under its key, not in the index
    Created,  ///< the present version of its key here; in the index with the next commit
    Indexed,
    Gone,  ///< replaced, discarded or lost: what is known here is all there is
  };
  struct State {
    ObjectRecord record;
    Standing standing = Standing::Indexed;
    std::map<std::uint64_t, OpenChunk> chunks;
    std::uint64_t fresh_bytes = 0;
    bool has_file = false;                 ///< it was made, by this process or before
    std::weak_ptr<const ObjectFile> file;  ///< kept by ObjectFiles; `verified` was tested through it
    std::weak_ptr<const void> hold;
    std::optional<std::optional<ObjectId>> below;  ///< of the same version in a base, once it was looked for
  };

  OpenObject(ObjectId object_id, std::filesystem::path where, ObjectRecord known, Standing standing)
      : id(object_id), path(std::move(where)), state(State{std::move(known), standing, {}, 0, false, {}, {}, {}}) {
    const auto own = state.lock();
    own->has_file = own->record.held_bytes > 0;
  }

  const ObjectId id;
  const std::filesystem::path path;
  mutable vo::Guarded<State> state;
};

/// Bytes that granule takes on disk; 0 beyond the file.
std::uint64_t granule_bytes(std::uint64_t file_size, std::uint64_t granule);
/// What its file takes of the quota: whole disk blocks.
std::uint64_t granule_cost(std::uint64_t bytes);

/// A granule to be compared with its checksum, taken out of the state so that the reading is done without its lock.
struct Unverified {
  std::uint64_t granule = 0;
  std::uint64_t checksum = 0;
};

/// Tests granules against `file`; returns those that fail.
std::vector<std::uint64_t> failing(const ObjectFile& file, std::uint64_t file_size,
                                   std::span<const Unverified> granules);

struct TestedBytes {
  std::vector<SharedBytes> pieces;  ///< one behind the other; empty when the file ends before they do
  std::vector<std::uint64_t> bad;   ///< granules that fail
};
/// Reads `range`, which is on granule borders or ends with the file, and tests `untested` of it:
/// what is served is what was tested, and the file is read once for both.
TestedBytes read_and_test(const ObjectFile& file, std::uint64_t file_size, vo::ByteRange range,
                          std::span<const Unverified> untested, BufferPool& pool);

}  // namespace platefs::cache
