// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "vo/fits_source.h"

namespace platefs::vo {

/// Collects byte ranges into batches of 16 MiB at most and reads each batch behind the one before it,
/// so that a source over HTTP can answer many ranges together and memory stays bounded. Ranges that
/// touch are read as one.
class FitsGatherer {
 public:
  /// `out` holds the bytes of all ranges that will be added, in their order; it and `source` outlive
  /// this.
  FitsGatherer(FitsSource& source, std::span<std::byte> out) : source_(source), out_(out) {}

  /// May read; throws what FitsSource::read throws.
  void add(ByteRange range);
  /// Reads what has been added and not read yet. To be called at the end.
  void flush();

 private:
  void append(ByteRange part);

  FitsSource& source_;
  std::span<std::byte> out_;
  std::vector<ByteRange> ranges_;
  std::uint64_t pending_ = 0;
};

}  // namespace platefs::vo
