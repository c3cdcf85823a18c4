// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace platefs::cache {

/// Pages of a mapped file that were read count as this process's memory until somebody else needs it: with each that is
/// read for the first time the kernel maps those around it, 64 KiB in all. They are given back after so many reads, and
/// mapped again when they are read again.
class MappedPages {
 public:
  /// The mapping of the file open as `descriptor` in which `inside` lies. Whatever is not found is never given back.
  /// While nobody reads it: it was just mapped, or mapped elsewhere.
  void find(int descriptor, const void* inside) noexcept;

  /// Thread-safe, while the file stays mapped; other threads may be reading it.
  void release() noexcept;
  void note_read() noexcept;  ///< of a place that may be anywhere in the file

 private:
  void* begin_ = nullptr;
  std::size_t bytes_ = 0;
  std::atomic<std::uint64_t> reads_{0};  ///< since the latest release
};

}  // namespace platefs::cache
