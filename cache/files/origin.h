// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "cache/store/range_set.h"
#include "cache/store/store.h"
#include "vo/base/byte_range.h"
#include "vo/base/error.h"

// Where the bytes of a file come from. A CachedFile knows who waits for what; its origin brings it.
namespace platefs::cache {

/// What is wanted of a file and what of it is here, at one moment. Handed down, never asked back for; refers to the
/// file's state, so it is of use during one call.
struct Demand {
  enum class Change {
    More,  ///< somebody may wait for what is neither here nor under way
    Less   ///< somebody went: what is under way for nobody may end
  };
  Change change;
  bool size_wanted;                    ///< a caller waits in open: for the size, or for all of the file
  bool header_is_enough;               ///< those who wait in open will say which bytes they want
  std::vector<vo::ByteRange> waiting;  ///< of the present version: parked readers' ranges
  std::vector<vo::ByteRange> ahead;    ///< of the present version: what its readers will want next
  int open_files;
  const ObjectInfo* present;  ///< the version that is read; null: none is known
  bool is_outdated;           ///< the archive has another version than that
  const RangeSet& held;       ///< of the present version

  bool is_nothing() const { return !size_wanted && waiting.empty(); }
};

/// Where the file ends may not be known yet.
constexpr vo::ByteRange kWholeFile{0, UINT64_MAX};

/// What is to be done as soon as the file's lock is released, in that order.
using Tasks = std::vector<std::function<void()>>;

/// Brings a file's bytes. Its state is guarded by its file's lock (CachedFile::lock), so that a decision is made from
/// one moment of both; it calls out after the lock, and tells by CachedFile::began, stored and failed what comes of it.
/// What it has under way belongs to the file, not to the request that caused it, and keeps the file alive.
class Origin {
 public:
  /// What the file has to know of it.
  struct Standing {
    bool is_under_way = false;  ///< something that will end in began, stored or failed
    bool serves_parts = false;  ///< what is missing of a known version can be brought alone: its size is enough to open
    ObjectId arriving_whole = 0;  ///< the version that an answer under way brings whole
    bool comes_whole = false;     ///< the whole file is sent, whatever part of it is asked for
    bool reads_ahead = false;     ///< what readers will want next is worth bringing
    std::string_view host = {};   ///< that bytes come from, as far as it is known
  };

  virtual ~Origin() = default;
  /// Starts what is missing (Change::More), cancels what nobody wants (Change::Less); to be told twice costs nothing.
  /// With the file's lock held.
  virtual void update(const Demand& demand, Tasks& tasks) = 0;
  /// With the file's lock held.
  virtual Standing standing() const = 0;
};

/// Told of what failed: those who wait for a part of `missing`, and all who wait to open, have waited in vain. On the
/// writer thread.
using Failed = std::function<void(const vo::Error& error, vo::ByteRange missing)>;

}  // namespace platefs::cache
