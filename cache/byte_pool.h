// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "cache/guarded.h"

namespace platefs::cache {

/// Bytes that several may read and nobody changes.
using SharedBytes = std::shared_ptr<const std::vector<std::byte>>;

/// Buffers for bytes on their way, used again and again: fresh memory costs a page fault for each 4 KiB.
/// Thread-safe. What it gave out may outlive it.
class BytePool {
 public:
  /// Empty, with room for a usual piece.
  std::vector<std::byte> take();
  /// The same bytes for several readers; the buffer comes back when the last has done.
  SharedBytes share(std::vector<std::byte> bytes);

 private:
  static constexpr std::size_t kUsual = 544 * 1024;   ///< the most that curl hands over, and a granule
  static constexpr std::size_t kMostSpare = 24;

  using Spare = Guarded<std::vector<std::vector<std::byte>>>;
  std::shared_ptr<Spare> spare_ = std::make_shared<Spare>();
};

}  // namespace platefs::cache
