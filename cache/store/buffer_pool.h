// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <memory>
#include <new>
#include <span>
#include <utility>
#include <vector>

#include "vo/base/guarded.h"

namespace platefs::cache {

/// Leaves new bytes as they are: they are written before they are read, and clearing them takes as
/// long as writing them.
template <typename T>
struct UninitializedAllocator : std::allocator<T> {
  template <typename U>
  struct rebind {
    using other = UninitializedAllocator<U>;
  };
  using std::allocator<T>::allocator;
  template <typename U>
  void construct(U* at) noexcept {
    ::new (static_cast<void*>(at)) U;
  }
  template <typename U, typename... Arguments>
  void construct(U* at, Arguments&&... arguments) {
    ::new (static_cast<void*>(at)) U(std::forward<Arguments>(arguments)...);
  }
};

using Buffer = std::vector<std::byte, UninitializedAllocator<std::byte>>;
/// insert() and assign() would call the allocator for each byte, one after the other.
void append(Buffer& buffer, std::span<const std::byte> bytes);

/// Bytes that several may read and nobody changes.
using SharedBytes = std::shared_ptr<const Buffer>;

/// Buffers for bytes on their way, used again and again: fresh memory costs a page fault for each 4
/// KiB. Thread-safe. What it gave out may outlive it.
class BufferPool {
 public:
  static constexpr std::size_t kBufferSize = 128 * 1024;

  /// Empty, with room for kBufferSize bytes.
  Buffer take();
  /// The same bytes for several readers; the buffer comes back when the last has done.
  SharedBytes share(Buffer bytes);

 private:
  static constexpr std::size_t kMostSpare = 96;  ///< 12 MiB: as much as is on its way at the most

  using Spare = vo::Guarded<std::vector<Buffer>>;
  std::shared_ptr<Spare> spare_ = std::make_shared<Spare>();
};

}  // namespace platefs::cache
