// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace platefs::cache {

class ObjectFile;

/// Readable bytes: either a place in an open file, or memory when they never reached the disk.
/// `keep` owns what they need to stay readable, eviction or not. Copyable, thread-safe.
struct Extent {
  int fd = -1;  ///< when >= 0 the bytes are [offset, offset+size) of it
  std::uint64_t offset = 0;
  std::vector<std::span<const std::byte>> memory;  ///< otherwise these, one behind the other
  std::uint64_t size = 0;
  std::shared_ptr<const void> keep;
  const ObjectFile* file = nullptr;  ///< of `fd`, kept by `keep`; hears when the bytes can't be read
};

/// Copies an extent's bytes out; `out` has its size. Throws Error{LocalIo}: the next look at the same bytes
/// tests them anew.
void copy_extent(const Extent& extent, std::span<std::byte> out);

}  // namespace platefs::cache
