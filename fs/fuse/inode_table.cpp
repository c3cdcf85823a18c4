// SPDX-License-Identifier: BSD-3-Clause
#include "fs/fuse/inode_table.h"

#include <algorithm>
#include <utility>

namespace platefs::fs {
namespace {

// FNV-1a with a final mix: std::hash may differ between builds, and inode numbers may not.
std::uint64_t stable_hash(const std::string& text, std::uint64_t salt) {
  std::uint64_t hash = 14695981039346656037ull ^ salt;
  for (const char c : text) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 1099511628211ull;
  }
  hash ^= hash >> 32;
  hash *= 0x9e3779b97f4a7c15ull;
  hash ^= hash >> 29;
  return hash;
}

}  // namespace

InodeTable::InodeTable(Node root, std::size_t kept_places) : kept_places_(kept_places) {
  (*entries_.lock())[kRootInode] = {std::make_shared<const Node>(std::move(root)), 1, {}, {}};
}

std::shared_ptr<const Node> InodeTable::find(std::uint64_t inode) const {
  auto entries = entries_.lock();
  const auto found = entries->find(inode);
  return found == entries->end() ? nullptr : found->second.node;
}

// Two identities with one hash (one in 10^10 for a million files) get numbers in order of appearance.
std::uint64_t InodeTable::free_number(const Entries& entries, const std::string& identity) {
  for (std::uint64_t salt = 0;; ++salt) {
    const auto number = stable_hash(identity, salt);
    if (number <= kRootInode) continue;
    const auto found = entries.find(number);
    if (found == entries.end() || found->second.node->identity == identity) return number;
  }
}

std::uint64_t InodeTable::remember(Node node, Place place) {
  auto entries = entries_.lock();
  const auto number = node.kind == NodeKind::Root ? kRootInode : free_number(*entries, node.identity);
  auto& entry = (*entries)[number];
  ++entry.lookups;
  // The newest node: its target may hold a newer answer than the one known by this number.
  entry.node = std::make_shared<const Node>(std::move(node));
  entry.place = std::move(place);
  return number;
}

std::uint64_t InodeTable::number_of(const std::string& identity) const {
  auto entries = entries_.lock();
  return free_number(*entries, identity);
}

void InodeTable::forget(std::uint64_t inode, std::uint64_t lookups) {
  Entry last;  // destroyed after the lock
  {
    auto entries = entries_.lock();
    const auto found = entries->find(inode);
    if (found == entries->end() || inode == kRootInode) return;
    auto& entry = found->second;
    entry.lookups -= std::min(lookups, entry.lookups);
    if (entry.lookups > 0) return;
    last = std::move(entry);
    entries->erase(found);
  }
  keep_place(inode, std::move(last.place));
}

void InodeTable::keep_place(std::uint64_t inode, Place place) {
  auto forgotten = forgotten_.lock();
  if (forgotten->places.insert_or_assign(inode, std::move(place)).second) forgotten->by_age.push_back(inode);
  while (forgotten->by_age.size() > kept_places_) {
    forgotten->places.erase(forgotten->by_age.front());
    forgotten->by_age.pop_front();
  }
}

std::optional<Place> InodeTable::place_of(std::uint64_t inode) const {
  {
    const auto entries = entries_.lock();
    const auto found = entries->find(inode);
    if (found != entries->end()) return found->second.place;
  }
  const auto forgotten = forgotten_.lock();
  const auto found = forgotten->places.find(inode);
  if (found == forgotten->places.end()) return std::nullopt;
  return found->second;
}

std::size_t InodeTable::size() const { return entries_.lock()->size(); }

}  // namespace platefs::fs
