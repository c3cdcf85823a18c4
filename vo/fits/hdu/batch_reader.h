// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "vo/fits/hdu/source.h"

namespace platefs::vo {

/// Collects byte ranges into batches of 16 MiB at most and reads each batch behind the one before it,
/// so that a source over HTTP can answer many ranges together. What is read is appended, so memory grows with
/// the bytes that came, not with those that a header tells of. Ranges that touch are read as one.
class BatchReader {
 public:
  /// `out` gets the bytes of all ranges, in their order, behind what it holds; it and `source` outlive this.
  BatchReader(FitsSource& source, std::vector<std::byte>& out) : source_(source), out_(out) {}

  /// May read; throws what FitsSource::read throws.
  void add(ByteRange range);
  /// Reads what has been added and not read yet. To be called at the end.
  void flush();

 private:
  void append(ByteRange part);

  FitsSource& source_;
  std::vector<std::byte>& out_;
  std::vector<ByteRange> ranges_;
  std::uint64_t pending_ = 0;
};

}  // namespace platefs::vo
