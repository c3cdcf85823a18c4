// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "cache/store/cache_directory.h"
#include "cache/store/index.h"

namespace platefs::cache {

/// Begins the names of the meta numbers that say how many bytes each process has reserved.
constexpr std::string_view kReserved = "reserved/";

/// This process's part in a shared cache: blocks of ids that no other process uses, and the room under
/// the quota that it has reserved but not filled. A process that dies leaves its session files, whose
/// locks end with it: whoever comes next gives back what was reserved and deletes object files the
/// index doesn't know. Writer thread only.
class Lease {
 public:
  /// Throws LmdbError, std::system_error. Cleans up after dead processes; costs what they left undone.
  Lease(LmdbEnv& env, const CacheDirectory& directory);
  ~Lease();  ///< gives everything back
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;

  /// The index was moved away: nothing more is written to it, and what only it led to is deleted.
  void abandon();
  ObjectId new_id();  ///< throws as the constructor does
  /// Meta number that says how many bytes this process has reserved.
  const std::string& reserved() const { return reserved_; }
  /// Deletes object files of ended processes that the index does not know; returns their bytes. Throws LmdbError.
  std::uint64_t remove_orphans();

 private:
  void take_block();
  void give_back();
  void clean_up_after_others();
  void clean_up(std::uint64_t block);
  std::uint64_t remove_unknown(std::uint64_t block);

  LmdbEnv& env_;
  const CacheDirectory& directory_;
  struct Block {
    std::uint64_t number;
    int lock;
  };
  std::vector<Block> blocks_;
  std::uint64_t used_of_block_ = 0;
  std::string reserved_;
  bool abandoned_ = false;
};

}  // namespace platefs::cache
