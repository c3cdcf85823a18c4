// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "cache/store/buffer_pool.h"
#include "vo/base/byte_range.h"
#include "vo/base/guarded.h"

namespace platefs::cache {

/// The last bytes that arrived, in memory: those who wait for them need not read them back from the disk,
/// and where the disk takes nothing more they are all there is. Bounded: the oldest go first. Thread-safe.
class RecentBytes {
 public:
  enum class Copy { AlsoOnDisk, Only };

  struct Pieces {
    std::vector<std::span<const std::byte>> bytes;  ///< one behind the other
    std::vector<SharedBytes> keep;
  };

  void add(std::uint64_t object, std::uint64_t offset, SharedBytes bytes, Copy copy);
  void forget(std::uint64_t object);

  /// All of `range`, or nothing.
  std::optional<Pieces> read(std::uint64_t object, vo::ByteRange range) const;
  /// The beginning of `range`, as far as one piece goes.
  std::optional<Pieces> read_some(std::uint64_t object, vo::ByteRange range) const;
  /// What is here and nowhere else.
  std::vector<vo::ByteRange> only_here(std::uint64_t object) const;
  bool has_only_copies() const { return only_copies_ != 0; }

 private:
  static constexpr std::uint64_t kMostOnDisk = 8ull << 20;
  static constexpr std::uint64_t kMostOnly = 48ull << 20;

  using Place = std::pair<std::uint64_t, std::uint64_t>;  ///< object, offset
  struct Entry {
    SharedBytes bytes;
    Copy copy = Copy::AlsoOnDisk;
  };
  struct Line {
    std::deque<Place> places;  ///< oldest first; may name what is gone already
    std::uint64_t bytes = 0;   ///< of memory: a buffer may not be full
  };
  struct State {
    std::map<Place, Entry> entries;
    Line on_disk, only;
    Line& line(Copy copy) { return copy == Copy::Only ? only : on_disk; }
  };

  void remove(State& state, const std::map<Place, Entry>::iterator& entry);
  void shorten(State& state, Copy copy, std::uint64_t most);
  /// Adds what one piece has of the beginning of `range`, and takes it off there; false: nothing.
  static bool add_piece(const State& state, std::uint64_t object, vo::ByteRange& range, Pieces& pieces);
  static const std::pair<const Place, Entry>* piece_at(const State& state, std::uint64_t object, std::uint64_t at);

  vo::Guarded<State> state_;
  std::atomic<std::size_t> all_{0}, only_copies_{0};
};

}  // namespace platefs::cache
