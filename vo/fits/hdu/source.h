// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include "vo/base/byte_range.h"

namespace platefs::vo {

/// Random access to the bytes of one FITS file, wherever it lies: on a disk, in memory, at an
/// archive. Every call may block, so it belongs on a query thread. An object serves one thread at a
/// time. All functions throw Error when the bytes cannot be had.
struct FitsSource {
  virtual ~FitsSource() = default;

  /// Length of the file in bytes. Where only reading to the end would tell: no less than that.
  virtual std::uint64_t size() = 0;
  /// Where the file ends, or `bound` when it goes on to there; always exact.
  virtual std::uint64_t end_before(std::uint64_t bound) { return std::min(bound, size()); }

  /// Fills `out` with the bytes of all `ranges`, one behind the other in the given order. The
  /// ranges may touch but are not sorted or merged for the callee; out.size() is the sum of their
  /// sizes. One call is one batch: an implementation over HTTP answers it with as few requests as
  /// it can. Throws Error{Malformed} for a range beyond the end of the file.
  virtual void read(std::span<const ByteRange> ranges, std::span<std::byte> out) = 0;

  /// Nobody waits any more for what is made of the file. Reads end by themselves then; whatever computes for
  /// long between two of them asks.
  virtual bool is_cancelled() const { return false; }
};

/// Throws Error{Cancelled} when nobody waits any more.
void require_wanted(const FitsSource& source);

/// Reads one range: the common case of FitsSource::read.
void read_range(FitsSource& source, ByteRange range, std::span<std::byte> out);

/// A file behind a descriptor, which is borrowed: it stays open and keeps its length as long as
/// this object lives. The file may have lost its name meanwhile.
class FileFitsSource : public FitsSource {
 public:
  explicit FileFitsSource(int fd) : fd_(fd) {}

  std::uint64_t size() override;
  void read(std::span<const ByteRange> ranges, std::span<std::byte> out) override;

 private:
  int fd_;
};

/// A file in memory, which is borrowed.
class MemoryFitsSource : public FitsSource {
 public:
  explicit MemoryFitsSource(std::span<const std::byte> bytes) : bytes_(bytes) {}

  std::uint64_t size() override { return bytes_.size(); }
  void read(std::span<const ByteRange> ranges, std::span<std::byte> out) override;

 private:
  std::span<const std::byte> bytes_;
};

}  // namespace platefs::vo
