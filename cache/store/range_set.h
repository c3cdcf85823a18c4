// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "vo/base/byte_range.h"

namespace platefs::cache {

/// A set of bytes as sorted, disjoint, non-touching ranges. Value type.
class RangeSet {
 public:
  RangeSet() = default;
  explicit RangeSet(const std::vector<vo::ByteRange>& ranges);

  void add(vo::ByteRange range);
  void remove(vo::ByteRange range);
  bool covers(vo::ByteRange range) const;
  std::uint64_t size() const;  ///< bytes in all
  /// The first part of `range` that is missing, up to where the set goes on or `range` ends.
  std::optional<vo::ByteRange> first_gap(vo::ByteRange range) const;
  const std::vector<vo::ByteRange>& ranges() const { return ranges_; }

 private:
  std::vector<vo::ByteRange> ranges_;
};

}  // namespace platefs::cache
