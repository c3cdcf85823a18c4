// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>

#include "cache/guarded.h"
#include "fs/node.h"
#include "fs/size_belief.h"

namespace platefs::fs {

constexpr std::uint64_t kRootInode = 1;

/// Which node an inode number means, as long as the kernel remembers it. Numbers come from a node's
/// identity, so they are the same after a remount, in every process, and in readdir's d_ino.
/// Thread-safe.
class InodeTable {
 public:
  explicit InodeTable(Node root);

  /// Null: the kernel was never told of it, or has forgotten it.
  std::shared_ptr<const Node> find(std::uint64_t inode) const;
  /// Counts one lookup, as each entry in a reply does; the number it has.
  std::uint64_t remember(Node node);
  /// The number a node has or will have; counts nothing.
  std::uint64_t number_of(const std::string& identity) const;
  void forget(std::uint64_t inode, std::uint64_t lookups);
  std::size_t size() const;

  /// What `use(SizeBelief&)` returns, of an inode that the kernel remembers; else `otherwise`. The table is
  /// locked meanwhile.
  template <typename Result, typename Use>
  Result with_size(std::uint64_t inode, Result otherwise, const Use& use) {
    auto entries = entries_.lock();
    const auto found = entries->find(inode);
    return found == entries->end() ? otherwise : use(found->second.size);
  }

 private:
  struct Entry {
    std::shared_ptr<const Node> node;
    std::uint64_t lookups = 0;
    SizeBelief size = {};                            ///< of a file
  };
  using Entries = std::unordered_map<std::uint64_t, Entry>;
  static std::uint64_t free_number(const Entries& entries, const std::string& identity);

  cache::Guarded<Entries> entries_;
};

}  // namespace platefs::fs
