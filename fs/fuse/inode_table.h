// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include "fs/fuse/size_belief.h"
#include "fs/tree/node.h"
#include "vo/base/guarded.h"

namespace platefs::fs {

constexpr std::uint64_t kRootInode = 1;

/// Where a node was met: a name in a directory. The root is its own parent.
struct Place {
  std::uint64_t directory = kRootInode;
  std::string name;
};

/// Which node an inode number means, as long as the kernel remembers it. Numbers come from a node's
/// identity, so they are the same after a remount, in every process, and in readdir's d_ino.
/// Where the latest nodes that the kernel forgot were met is known for a while: a handle of one (NFS, Samba,
/// open_by_handle_at) may be asked for again. Thread-safe.
class InodeTable {
 public:
  explicit InodeTable(Node root, std::size_t kept_places = 100'000);

  /// Null: the kernel was never told of it, or has forgotten it.
  std::shared_ptr<const Node> find(std::uint64_t inode) const;
  /// Counts one lookup, as each entry in a reply does; the number it has.
  std::uint64_t remember(Node node, Place place);
  /// The number a node has or will have; counts nothing.
  std::uint64_t number_of(const std::string& identity) const;
  void forget(std::uint64_t inode, std::uint64_t lookups);
  /// Of a number that the kernel remembers, or forgot not too long ago.
  std::optional<Place> place_of(std::uint64_t inode) const;
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
    Place place = {};
    SizeBelief size = {};  ///< of a file
  };
  using Entries = std::unordered_map<std::uint64_t, Entry>;
  struct Forgotten {
    std::unordered_map<std::uint64_t, Place> places;
    std::deque<std::uint64_t> by_age;
  };
  static std::uint64_t free_number(const Entries& entries, const std::string& identity);
  void keep_place(std::uint64_t inode, Place place);

  const std::size_t kept_places_;
  vo::Guarded<Entries> entries_;
  vo::Guarded<Forgotten> forgotten_;
};

}  // namespace platefs::fs
